import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { SourceContext } from './api/source';
import { ApiError } from './served/client';
import { EndpointChanges } from './served/EndpointChanges';
import { FirstSteps } from './served/FirstSteps';
import { Foot } from './served/Foot';
import { Hint } from './served/Hint';
import { OverviewTop } from './served/overview/OverviewTop';
import { router } from './served/router';
import { SourcesTop } from './served/SourcesTop';
import { sessionEnded } from './served/session';
import { served } from './served/source';
import { SpecsPage } from './served/specs/SpecsPage';
import { ActorTools } from './served/triage/ActorTools';
import { FindingsTools } from './served/triage/FindingsTools';
import { FindingTools } from './served/triage/FindingTools';
import { IncidentTools } from './served/triage/IncidentTools';
import './styles/all.css';
import './styles/served.css';
import { type Extras, ExtrasContext } from './ui/extras';
import { applyTheme, storedTheme } from './ui/theme';

/** The app that `vedette serve` offers at `/`. */
const EXTRAS: Extras = {
  entries: [
    { to: '/hunt', icon: 'hunt', text: 'Hunt' },
    { to: '/changes', icon: 'changes', text: 'Changes' },
  ],
  Foot,
  OverviewTop,
  FirstSteps,
  Hint,
  SourcesTop,
  SpecsPage,
  EndpointChanges,
  FindingTools,
  FindingsTools,
  IncidentTools,
  ActorTools,
};

/** Attempts after a request that did not reach the server, or met one that is busy. */
const RETRIES = 2;

const failed = (error: Error) => {
  if (error instanceof ApiError && error.status === 401) sessionEnded(client);
};

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: failed }),
  mutationCache: new MutationCache({ onError: failed }),
  defaultOptions: {
    queries: {
      // What was refused once is refused again; what did not arrive may arrive.
      retry: (times, error) =>
        times < RETRIES &&
        error instanceof ApiError &&
        (error.status === 0 || error.status >= 500 || error.status === 429),
      retryDelay: (times, error) =>
        (error instanceof ApiError && error.retryAfterSecs !== null ? error.retryAfterSecs : 2 ** times) * 1000,
      refetchOnWindowFocus: false,
    },
  },
});

applyTheme(storedTheme());

const element = document.getElementById('root');
if (element) {
  createRoot(element).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <SourceContext value={served}>
          <ExtrasContext value={EXTRAS}>
            <RouterProvider router={router} />
          </ExtrasContext>
        </SourceContext>
      </QueryClientProvider>
    </StrictMode>,
  );
}
