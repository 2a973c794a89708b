import { useQueryClient, useSuspenseQueries, useSuspenseQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { index, type Report } from '../api/report';
import type { Results } from '../api/results';
import type { Part, Source } from '../api/source';
import {
  abuseCasesQuery,
  actorsQuery,
  classesQuery,
  complianceQuery,
  detectionsQuery,
  endpointQuery,
  endpointsQuery,
  findingsQuery,
  healthQuery,
  incidentsQuery,
  overviewQuery,
  servicesQuery,
} from './queries';
import { useMe } from './session';

/** What each part of the results is asked with; incidents come with the detections that they group. */
const QUERIES = {
  endpoints: [['endpoints', endpointsQuery]],
  findings: [['findings', findingsQuery]],
  actors: [['actors', actorsQuery]],
  incidents: [
    ['incidents', incidentsQuery],
    ['detections', detectionsQuery],
  ],
  abuse: [['abuse_cases', abuseCasesQuery]],
  // The page of specifications asks for what it needs by itself.
  specs: [],
  compliance: [['compliance', complianceQuery]],
  // No gateway configuration is given to a server.
  gateways: [],
} as const satisfies Record<Part, readonly (readonly [keyof Results, unknown])[]>;

/** The API of the server that this app came from. */
export const served: Source = { useReport: useServed, useEndpoint: useServedEndpoint };

function useServed(parts: readonly Part[]): Report {
  const wanted = parts.flatMap(
    (part): readonly (readonly [string, (typeof QUERIES)[Part][number][1]])[] => QUERIES[part],
  );
  // Each has its own type of rows; they are put together by name below.
  const queries = wanted.map(([, query]) => query as typeof endpointsQuery);
  // Asked together with what every page needs, not after it.
  const client = useQueryClient();
  const restricted = useMe().services !== null;
  for (const query of queries) if (!client.getQueryState(query.queryKey)) void client.prefetchQuery(query);
  const [{ data: overview }, { data: services }, { data: health }, { data: classes }] = useSuspenseQueries({
    queries: [overviewQuery, servicesQuery, healthQuery, classesQuery],
  });
  const lists = useSuspenseQueries({ queries });
  const pages = lists.map(({ data }) => data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the pages themselves are what it depends on, however many.
  return useMemo(() => {
    const results: Results = {
      version: '1.0',
      vedette: overview.version,
      partial: false,
      stats: overview.stats,
      services: services.items,
      sources: health.items.flatMap(({ learned }) => learned ?? []),
      facts: overview.facts,
      log_snippets: overview.log_snippets,
      ownership: overview.ownership,
      endpoints: [],
      findings: [],
      actors: [],
      detections: [],
      incidents: [],
      abuse_cases: [],
      specs: [],
      compliance: [],
      gateways: [],
    };
    const refused: Report['refused'] = {};
    const cut: Report['cut'] = {};
    wanted.forEach(([name], at) => {
      const page = pages[at];
      if (!page) return;
      Object.assign(results, { [name]: page.items });
      if (page.refused) refused[name] = page.refused;
      if (page.total > page.items.length) cut[name] = page.total;
    });
    const open = Object.values(overview.open_findings).reduce((sum, count) => sum + count, 0);
    const counts = { ...overview.counts, findings: open, incidents: overview.open_incidents, specs: 0, gateways: 0 };
    const report = index(results, counts);
    for (const { id, level } of classes.classes) report.levels.set(id, level);
    return {
      ...report,
      restricted,
      refused,
      cut, // Evidence counts sources in the order of the results, which the list of sources does not have.
      sourceNames: overview.source_names ?? (results.sources.length === 1 ? [results.sources[0]?.name ?? ''] : []),
    };
  }, [overview, services, health, classes, restricted, ...pages]);
}

function useServedEndpoint(id: string) {
  return useSuspenseQuery(endpointQuery(id)).data ?? undefined;
}
