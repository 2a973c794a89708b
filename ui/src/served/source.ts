import { useSuspenseQueries, useSuspenseQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { index, type Report } from '../api/report';
import type { Results } from '../api/results';
import type { Part, Source } from '../api/source';
import {
  actorsQuery,
  complianceQuery,
  detectionsQuery,
  endpointQuery,
  endpointsQuery,
  findingsQuery,
  incidentsQuery,
  overviewQuery,
  specsQuery,
} from './queries';

/** What each part of the results is asked with; incidents come with the detections that they group. */
const QUERIES = {
  endpoints: [['endpoints', endpointsQuery]],
  findings: [['findings', findingsQuery]],
  actors: [['actors', actorsQuery]],
  incidents: [
    ['incidents', incidentsQuery],
    ['detections', detectionsQuery],
  ],
  specs: [['specs', specsQuery]],
  compliance: [['compliance', complianceQuery]],
  // No gateway configuration is given to a server.
  gateways: [],
} as const satisfies Record<Part, readonly (readonly [keyof Results, unknown])[]>;

/** The API of the server that this app came from. */
export const served: Source = { useReport: useServed, useEndpoint: useServedEndpoint };

function useServed(parts: readonly Part[]): Report {
  const { data: overview } = useSuspenseQuery(overviewQuery);
  const wanted = parts.flatMap(
    (part): readonly (readonly [string, (typeof QUERIES)[Part][number][1]])[] => QUERIES[part],
  );
  // Each has its own type of rows; what they are put together to is checked by name below.
  const lists = useSuspenseQueries({ queries: wanted.map(([, query]) => query as typeof endpointsQuery) });
  const pages = lists.map(({ data }) => data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the pages themselves are what it depends on, however many.
  return useMemo(() => {
    const results: Results = {
      version: '1.0',
      vedette: overview.vedette,
      partial: false,
      stats: overview.stats,
      services: overview.services,
      sources: overview.sources,
      facts: overview.facts,
      log_snippets: overview.log_snippets,
      ownership: overview.ownership,
      endpoints: [],
      findings: [],
      actors: [],
      detections: [],
      incidents: [],
      specs: [],
      compliance: [],
      gateways: [],
    };
    wanted.forEach(([name], at) => {
      Object.assign(results, { [name]: pages[at]?.items ?? [] });
    });
    const report = index(results, { ...overview.counts, sources: overview.sources.length });
    for (const [name, level] of Object.entries(overview.levels)) report.levels.set(name, level);
    return report;
  }, [overview, ...pages]);
}

function useServedEndpoint(id: string) {
  return useSuspenseQuery(endpointQuery(id)).data ?? undefined;
}
