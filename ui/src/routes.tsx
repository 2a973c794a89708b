import { createRootRoute, createRoute } from '@tanstack/react-router';
import { AbuseCases } from './pages/AbuseCases';
import { Actors } from './pages/Actors';
import { Compliance } from './pages/Compliance';
import { EndpointPage } from './pages/Endpoint';
import { Findings } from './pages/Findings';
import { Gateways } from './pages/Gateways';
import { Incidents } from './pages/Incidents';
import { Inventory } from './pages/Inventory';
import { NotFound } from './pages/NotFound';
import { Overview } from './pages/Overview';
import { Sources } from './pages/Sources';
import { Specs } from './pages/Specs';
import {
  abuseSearch,
  findingsSearch,
  incidentsSearch,
  inventorySearch,
  listSearch,
  parseSearch,
  stringifySearch,
} from './search';
import { Shell } from './ui/Shell';
import { Trouble } from './ui/Trouble';

export const root = createRootRoute({ component: Shell, errorComponent: Trouble, notFoundComponent: NotFound });

const overview = createRoute({ getParentRoute: () => root, path: '/', component: Overview });
const inventory = createRoute({
  getParentRoute: () => root,
  path: '/inventory',
  component: Inventory,
  validateSearch: inventorySearch,
});
const endpoint = createRoute({ getParentRoute: () => root, path: '/endpoints/$id', component: EndpointPage });
const findings = createRoute({
  getParentRoute: () => root,
  path: '/findings',
  component: Findings,
  validateSearch: findingsSearch,
});
const gateways = createRoute({ getParentRoute: () => root, path: '/gateways', component: Gateways });
const incidents = createRoute({
  getParentRoute: () => root,
  path: '/incidents',
  component: Incidents,
  validateSearch: incidentsSearch,
});
const abuse = createRoute({
  getParentRoute: () => root,
  path: '/abuse',
  component: AbuseCases,
  validateSearch: abuseSearch,
});
const actors = createRoute({
  getParentRoute: () => root,
  path: '/actors',
  component: Actors,
  validateSearch: listSearch,
});
const specs = createRoute({ getParentRoute: () => root, path: '/specs', component: Specs });
const compliance = createRoute({ getParentRoute: () => root, path: '/compliance', component: Compliance });
const sources = createRoute({ getParentRoute: () => root, path: '/sources', component: Sources });

/** The pages that the offline report and the served app have in common. */
export const pages = [
  overview,
  inventory,
  endpoint,
  findings,
  gateways,
  incidents,
  abuse,
  compliance,
  actors,
  specs,
  sources,
] as const;

/** What both routers are made with. */
export const ROUTER_OPTIONS = {
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  defaultErrorComponent: Trouble,
};
