import { createRoute, createRouter, lazyRouteComponent, Navigate } from '@tanstack/react-router';
import { Changes } from '../pages/Changes';
import { Account } from '../pages/settings/Account';
import { Audit } from '../pages/settings/Audit';
import { Server } from '../pages/settings/Server';
import { Settings } from '../pages/settings/Settings';
import { Tokens } from '../pages/settings/Tokens';
import { Users } from '../pages/settings/Users';
import { pages, ROUTER_OPTIONS, root } from '../routes';
import { changesSearch, huntSearch } from '../search';
import { Gate } from './Gate';

const hunt = createRoute({
  getParentRoute: () => root,
  path: '/hunt',
  // The editor is as large as the rest of the app.
  component: lazyRouteComponent(() => import('../pages/Hunt'), 'Hunt'),
  validateSearch: huntSearch,
});
const changes = createRoute({
  getParentRoute: () => root,
  path: '/changes',
  component: Changes,
  validateSearch: changesSearch,
});
/** Where the login provider sends whom it refused; whoever is logged in has no use for it. */
const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: () => <Navigate to="/" replace />,
});
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: Settings });
const account = createRoute({ getParentRoute: () => settings, path: '/', component: Account });
const tokens = createRoute({ getParentRoute: () => settings, path: '/tokens', component: Tokens });
const users = createRoute({ getParentRoute: () => settings, path: '/users', component: Users });
const server = createRoute({ getParentRoute: () => settings, path: '/server', component: Server });
const audit = createRoute({ getParentRoute: () => settings, path: '/audit', component: Audit });

/** The served app has real paths: the server answers each with the app. */
export const router = createRouter({
  ...ROUTER_OPTIONS,
  routeTree: root.addChildren([
    ...pages,
    hunt,
    changes,
    login,
    settings.addChildren([account, tokens, users, server, audit]),
  ]),
  InnerWrap: Gate,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
