import { FACET_KEYS, type FacetChoice } from './facets';

/** What the pages keep in the URL, so that every view can be bookmarked, shared and gone back to. */

type Raw = Record<string, unknown>;

export interface InventorySearch extends FacetChoice {
  q?: string;
  sort?: string;
}

export interface FindingsSearch {
  q?: string;
  severity?: string[];
  service?: string[];
  owasp?: string[];
  kind?: string[];
  /** `framework/id` of requirements. */
  requirement?: string[];
  owner?: string[];
  /** What was decided: `accepted`, `resolved` or `all`; open ones without it. */
  state?: string;
}

export interface AbuseSearch {
  /** Id of the case that is open. */
  case?: string;
}

export interface IncidentsSearch {
  /** What was decided: `closed` or `all`; those under way without it. */
  state?: string;
}

export interface HuntSearch {
  /** Id of a saved hunt. */
  saved?: string;
  sort?: string;
}

export interface ChangesSearch {
  kind?: string[];
}

export interface ListSearch {
  q?: string;
  sort?: string;
}

export function inventorySearch(raw: Raw): InventorySearch {
  const search: InventorySearch = listSearch(raw);
  for (const key of FACET_KEYS) Object.assign(search, many(raw, key));
  return search;
}

export function findingsSearch(raw: Raw): FindingsSearch {
  return {
    ...one(raw, 'q'),
    ...many(raw, 'severity'),
    ...many(raw, 'service'),
    ...many(raw, 'owasp'),
    ...many(raw, 'kind'),
    ...many(raw, 'requirement'),
    ...many(raw, 'owner'),
    ...one(raw, 'state'),
  };
}

export function abuseSearch(raw: Raw): AbuseSearch {
  return one(raw, 'case');
}

export function incidentsSearch(raw: Raw): IncidentsSearch {
  return one(raw, 'state');
}

export function huntSearch(raw: Raw): HuntSearch {
  return { ...one(raw, 'saved'), ...one(raw, 'sort') };
}

export function changesSearch(raw: Raw): ChangesSearch {
  return many(raw, 'kind');
}

export function listSearch(raw: Raw): ListSearch {
  return { ...one(raw, 'q'), ...one(raw, 'sort') };
}

/** Repeated keys instead of JSON: `?service=a&service=b` is what people expect to read and to edit. */
export function parseSearch(text: string): Raw {
  const raw: Record<string, string | string[]> = {};
  const params = new URLSearchParams(text);
  for (const key of new Set(params.keys())) {
    const values = params.getAll(key);
    raw[key] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return raw;
}

export function stringifySearch(search: Raw): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === 'string' && item !== '') params.append(key, item);
    }
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

function one(raw: Raw, key: string): Record<string, string> {
  const value = raw[key];
  return typeof value === 'string' && value !== '' ? { [key]: value } : {};
}

function many(raw: Raw, key: string): Record<string, string[]> {
  const value = raw[key];
  const list = (Array.isArray(value) ? value : [value]).filter(
    (item): item is string => typeof item === 'string' && item !== '',
  );
  return list.length > 0 ? { [key]: list } : {};
}
