import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { index } from './report';
import type { Results } from './results';
import type { Source } from './source';

const reportQuery = queryOptions({
  queryKey: ['report'],
  queryFn: () => index(readEmbedded()),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
  // The default waits for a network, and a file has none.
  networkMode: 'always',
});

/** The offline report: everything is in the page. */
export const embedded: Source = {
  useReport: () => useSuspenseQuery(reportQuery).data,
  useEndpoint: (id) => useSuspenseQuery(reportQuery).data.endpointById.get(id),
};

function readEmbedded(): Results {
  const block = document.getElementById('vedette-results');
  const value: unknown = JSON.parse(block?.textContent ?? 'null');
  if (typeof value !== 'object' || value === null) throw new Error('This page holds no results.');
  // Tens of megabytes with thousands of endpoints, not needed twice.
  if (block) block.textContent = '';
  return value as Results;
}
