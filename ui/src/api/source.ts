import { createContext, use } from 'react';
import type { Report } from './report';
import type { Endpoint } from './results';

/** Lists of the results that a page may need beside what every page has (totals, services, sources). */
export type Part = 'endpoints' | 'findings' | 'actors' | 'incidents' | 'abuse' | 'specs' | 'compliance' | 'gateways';

/** Who answers the questions of the pages: the results inside the file, or the API of a server. */
export interface Source {
  /** Suspends until the named parts are there; parts that were not asked for may be empty. */
  useReport: (parts: readonly Part[]) => Report;
  /** One endpoint with all that is known of it; suspends. `undefined` when there is none of that id. */
  useEndpoint: (id: string) => Endpoint | undefined;
}

export const SourceContext = createContext<Source | null>(null);

/** The results with at least the named lists. */
export function useReport(...parts: Part[]): Report {
  return useSource().useReport(parts);
}

/** One endpoint, whole. */
export function useEndpoint(id: string): Endpoint | undefined {
  return useSource().useEndpoint(id);
}

function useSource(): Source {
  const source = use(SourceContext);
  if (!source) throw new Error('No source of results was given.');
  return source;
}
