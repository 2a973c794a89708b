import { keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { TriagedActor, TriagedFinding, TriagedIncident } from '../api/report';
import type { AbuseCase, Detection, Endpoint, Framework, Service } from '../api/results';
import { ApiError, again, api, query, setCsrf } from './client';
import type {
  ApiToken,
  AuditEntries,
  Changes,
  Classes,
  Comment,
  Conformance,
  HuntTable,
  List,
  LoginOptions,
  Me,
  Overview,
  Page,
  SavedHunt,
  Setting,
  SourceHealth,
  UploadedSpec,
  User,
} from './contract';

/** Rows of one request for a list: few requests, each small enough to be answered at once. */
const PAGE_ROWS = 1000;
/** Rows of a list that are held at most; beyond it the search of the server is needed. */
export const LIST_ROWS_MAX = 20_000;
/** A list is asked for again at most this often, however often something is learned. */
export const LIST_FRESH_MS = 15_000;
const SMALL_FRESH_MS = 2_000;

/** Who is logged in; `null` when nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      const me = await api<Me>('/v1/me', { signal });
      setCsrf(me.csrf ?? '');
      return me;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export const loginQuery = queryOptions({
  queryKey: ['login'],
  queryFn: ({ signal }) => api<LoginOptions>('/v1/login', { signal }),
  staleTime: 60_000,
});

export const overviewQuery = queryOptions({
  queryKey: ['learned', 'overview'],
  queryFn: ({ signal }) => again<Overview>('/v1/overview', signal),
  staleTime: SMALL_FRESH_MS,
});

/** What is shown to whom, of lists that cannot be limited to some services. */
type Sight = 'of-all' | 'of-own';

/** Whether who is logged in sees only some services: then what is of all is refused, and not asked for. */
function isRestricted(client: QueryClient): boolean {
  return client.getQueryData(meQuery.queryKey)?.services !== null;
}

const REFUSED = 'This shows all services, and you see only those you own.';

/** All rows of a list, page by page, up to a bound. */
function list<T>(name: string, path: string, sight: Sight = 'of-own') {
  return queryOptions({
    queryKey: ['learned', name],
    queryFn: ({ signal, client }): Promise<List<T>> =>
      sight === 'of-all' && isRestricted(client)
        ? Promise.resolve({ items: [], total: 0, refused: REFUSED })
        : all<T>(path, signal),
    staleTime: LIST_FRESH_MS,
    // Comparing ten thousand rows deeply costs more than drawing the few that are in the window.
    structuralSharing: false,
  });
}

/** A list of all services that comes in one piece. */
function whole<T>(name: string, path: string) {
  return queryOptions({
    queryKey: ['learned', name],
    queryFn: async ({ signal, client }): Promise<List<T>> => {
      if (isRestricted(client)) return { items: [], total: 0, refused: REFUSED };
      const { items } = await again<{ items: T[] }>(path, signal);
      return { items, total: items.length };
    },
    staleTime: LIST_FRESH_MS,
  });
}

/** A list whose pages did not change is the same list: nothing is drawn anew. */
const lists = new WeakMap<object, { pages: object[]; list: object }>();

async function all<T>(path: string, signal: AbortSignal): Promise<List<T>> {
  const pages: Page<T>[] = [];
  let cursor: string | undefined;
  let rows = 0;
  do {
    const page: Page<T> = await again<Page<T>>(`${path}${query({ limit: PAGE_ROWS, cursor })}`, signal);
    pages.push(page);
    rows += page.items.length;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && rows < LIST_ROWS_MAX);
  const [first] = pages;
  if (!first) return { items: [], total: 0 };
  const before = lists.get(first);
  if (before?.pages.length === pages.length && before.pages.every((page, at) => page === pages[at])) {
    return before.list as List<T>;
  }
  const list = { items: pages.flatMap((page) => page.items), total: first.total };
  lists.set(first, { pages, list });
  return list;
}

export const endpointsQuery = list<Endpoint>('endpoints', '/v1/endpoints');
export const findingsQuery = list<TriagedFinding>('findings', '/v1/findings');
export const actorsQuery = list<TriagedActor>('actors', '/v1/actors', 'of-all');
export const incidentsQuery = list<TriagedIncident>('incidents', '/v1/incidents');
export const detectionsQuery = list<Detection>('detections', '/v1/detections');
export const abuseCasesQuery = list<AbuseCase>('abuse_cases', '/v1/abuse-cases');
export const servicesQuery = list<Service>('services', '/v1/services');
export const complianceQuery = whole<Framework>('compliance', '/v1/compliance');
/** Levels of data classes: they change when an administrator uploads others. */
export const classesQuery = queryOptions({
  queryKey: ['classes'],
  queryFn: ({ signal }) => again<Classes>('/v1/classes', signal),
  staleTime: 300_000,
});

export const specsQuery = queryOptions({
  queryKey: ['specs'],
  queryFn: ({ signal }) => again<{ items: UploadedSpec[] }>('/v1/specs', signal),
});

export const conformanceQuery = (id: string) =>
  queryOptions({
    queryKey: ['learned', 'conformance', id],
    queryFn: ({ signal }) => again<Conformance>(`/v1/specs/${encodeURIComponent(id)}/conformance`, signal),
    staleTime: LIST_FRESH_MS,
  });

export const healthQuery = queryOptions({
  ...list<SourceHealth>('sources', '/v1/sources', 'of-all'),
  staleTime: SMALL_FRESH_MS,
});

export const endpointQuery = (id: string) =>
  queryOptions({
    queryKey: ['learned', 'endpoint', id],
    queryFn: async ({ signal }): Promise<Endpoint | null> => {
      try {
        return await again<Endpoint>(`/v1/endpoints/${encodeURIComponent(id)}`, signal);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    staleTime: SMALL_FRESH_MS,
  });

/** The newest changes of the inventory. */
export const changesQuery = (limit: number) =>
  queryOptions({
    queryKey: ['learned', 'changes', limit],
    queryFn: ({ signal }) => again<Changes>(`/v1/changes${query({ limit })}`, signal),
    staleTime: SMALL_FRESH_MS,
  });

export const endpointChangesQuery = (id: string) =>
  queryOptions({
    queryKey: ['learned', 'endpoint-changes', id],
    queryFn: ({ signal }) =>
      again<Changes>(`/v1/endpoints/${encodeURIComponent(id)}/changes${query({ limit: 20 })}`, signal),
    staleTime: LIST_FRESH_MS,
  });

/** What was said about a finding or incident, by its path. */
export const commentsQuery = (path: string) =>
  queryOptions({
    queryKey: ['comments', path],
    queryFn: ({ signal }) => api<{ items: Comment[] }>(`${path}/comments`, { signal }),
  });

export const tablesQuery = queryOptions({
  queryKey: ['tables'],
  queryFn: ({ signal }) => api<{ items: HuntTable[] }>('/v1/tables', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export const huntsQuery = queryOptions({
  queryKey: ['hunts'],
  queryFn: ({ signal }) => api<{ items: SavedHunt[] }>('/v1/hunts', { signal }),
  staleTime: 60_000,
});

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => api<{ items: Setting[] }>('/v1/settings', { signal }),
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => api<{ items: ApiToken[] }>('/v1/tokens', { signal }),
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => api<{ items: User[] }>('/v1/users', { signal }),
});

export const auditQuery = (before: number | undefined) =>
  queryOptions({
    queryKey: ['audit', before],
    queryFn: ({ signal }) => api<AuditEntries>(`/v1/audit${query({ limit: 100, before })}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** Asks again for what pages show of the learned things, as far as it may have aged. */
export function refresh(client: QueryClient): void {
  void client.refetchQueries({ queryKey: ['learned'], type: 'active', stale: true }, { cancelRefetch: false });
}
