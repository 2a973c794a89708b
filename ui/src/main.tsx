import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createHashHistory, createRouter, RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { embedded } from './api/embedded';
import { SourceContext } from './api/source';
import { pages, ROUTER_OPTIONS, root } from './routes';
import './styles/all.css';
import type { router as servedRouter } from './served/router';
import { applyTheme, storedTheme } from './ui/theme';

/** The offline report. A file has no server to answer paths, so they live behind the hash. */
const router = createRouter({
  ...ROUTER_OPTIONS,
  routeTree: root.addChildren([...pages]),
  history: createHashHistory(),
});

applyTheme(storedTheme());

const element = document.getElementById('root');
if (element) {
  createRoot(element).render(
    <StrictMode>
      <QueryClientProvider client={new QueryClient()}>
        <SourceContext value={embedded}>
          {/* Links are checked against the served app's routes; the report has fewer. */}
          <RouterProvider router={router as unknown as typeof servedRouter} />
        </SourceContext>
      </QueryClientProvider>
    </StrictMode>,
  );
}
