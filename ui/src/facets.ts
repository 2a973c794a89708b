import { classesOf, errorsOf, isApi, isSensitive, type Report } from './api/report';
import type { Endpoint } from './api/results';
import { authentication, BANDS, band, KIND_ORDER, kind, label } from './catalog';

/** One way to narrow the inventory; its key is its name in the URL. */
export interface Facet {
  key: FacetKey;
  label: string;
  /** All values an endpoint has; the facet lets it pass when one of them is chosen. */
  values: (endpoint: Endpoint, report: Report) => string[];
  name: (value: string) => string;
  /** Values that links use but the menu does not offer. */
  hidden?: (value: string) => boolean;
  /** Order in the menu when it is not by count. */
  order?: readonly string[];
}

export const FACET_KEYS = [
  'service',
  'owner',
  'method',
  'kind',
  'auth',
  'class',
  'risk',
  'exposure',
  'function',
  'flag',
] as const;
export type FacetKey = (typeof FACET_KEYS)[number];

/** Value of the owner facet for endpoints that nobody owns. */
export const NOBODY = '-';

const FLAGS: Record<string, string> = {
  sensitive: 'Returns sensitive data',
  findings: 'Has findings',
  errors: 'More than 5% errors',
  deprecated: 'Deprecated',
  mixed: 'Mixed authentication',
};

export const FACETS: readonly Facet[] = [
  { key: 'service', label: 'Service', values: (e) => [e.service], name: (v) => v },
  {
    key: 'owner',
    label: 'Owner',
    values: (e) => [e.owner?.name ?? NOBODY],
    name: (v) => (v === NOBODY ? 'Nobody' : v),
  },
  { key: 'method', label: 'Method', values: (e) => [e.method], name: (v) => v },
  {
    key: 'kind',
    label: 'Kind',
    // An API of a kind of its own is one of all APIs, too.
    values: (e) => (isApi(e) && e.kind !== 'api' ? ['api', e.kind] : [e.kind]),
    name: kind,
    order: KIND_ORDER,
  },
  { key: 'auth', label: 'Authentication', values: (e) => e.authentication, name: authentication },
  {
    key: 'class',
    label: 'Data class',
    values: (e, report) => [
      ...classesOf(e, report),
      ...e.data_classes.request.map((name) => `request:${name}`),
      ...e.data_classes.response.map((name) => `response:${name}`),
    ],
    name: (v) =>
      v.includes(':') ? `${label(v.slice(v.indexOf(':') + 1))} in ${v.slice(0, v.indexOf(':'))}s` : label(v),
    hidden: (v) => v.includes(':'),
  },
  {
    key: 'risk',
    label: 'Risk',
    values: (e) => [band(e.risk.score).id],
    name: (v) => BANDS.find((one) => one.id === v)?.label ?? v,
    order: BANDS.map((one) => one.id),
  },
  {
    key: 'exposure',
    label: 'Exposure',
    values: (e) => [e.exposure],
    name: label,
    order: ['public', 'private', 'internal'],
  },
  { key: 'function', label: 'Function', values: (e) => (e.function ? [e.function] : []), name: label },
  { key: 'flag', label: 'Signals', values: flags, name: (v) => FLAGS[v] ?? v, order: Object.keys(FLAGS) },
];

function flags(endpoint: Endpoint, report: Report): string[] {
  const found: string[] = [];
  if (endpoint.data_classes.response.some((name) => isSensitive(name, report))) found.push('sensitive');
  if (endpoint.findings.length > 0) found.push('findings');
  if (errorsOf(endpoint) > endpoint.exchanges * 0.05) found.push('errors');
  if (endpoint.deprecated) found.push('deprecated');
  if (endpoint.authentication.length > 1) found.push('mixed');
  return found;
}

export type FacetChoice = Partial<Record<FacetKey, string[]>>;

/** The endpoints that every facet in use lets pass and that hold all words of the query. */
export function narrow(report: Report, choice: FacetChoice, query: string, except?: FacetKey): Endpoint[] {
  const active = FACETS.filter((facet) => facet.key !== except && choice[facet.key]?.length);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (active.length === 0 && words.length === 0) return report.endpoints;
  return report.endpoints.filter(
    (endpoint) =>
      active.every((facet) => {
        const values = facet.values(endpoint, report);
        return choice[facet.key]?.some((wanted) => values.includes(wanted));
      }) &&
      (words.length === 0 || words.every((word) => haystack(endpoint, report).includes(word))),
  );
}

/** How many endpoints each value of a facet would show, given the other facets in use. */
export function tally(
  report: Report,
  facet: Facet,
  choice: FacetChoice,
  query: string,
): [value: string, count: number][] {
  const counts = new Map<string, number>();
  for (const chosen of choice[facet.key] ?? []) counts.set(chosen, 0);
  for (const endpoint of narrow(report, choice, query, facet.key)) {
    for (const value of facet.values(endpoint, report)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const order = (value: string) => facet.order?.indexOf(value) ?? 0;
  return [...counts]
    .filter(([value]) => !facet.hidden?.(value) || choice[facet.key]?.includes(value))
    .sort(([a, n], [b, m]) => order(a) - order(b) || m - n || a.localeCompare(b));
}

const haystacks = new WeakMap<Endpoint, string>();

function haystack(endpoint: Endpoint, report: Report): string {
  let text = haystacks.get(endpoint);
  if (text === undefined) {
    const parts = [
      endpoint.method,
      endpoint.service + endpoint.template,
      endpoint.function ?? '',
      endpoint.owner?.name ?? '',
      ...classesOf(endpoint, report),
    ];
    text = parts.join(' ').toLowerCase();
    haystacks.set(endpoint, text);
  }
  return text;
}
