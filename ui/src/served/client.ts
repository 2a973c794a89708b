/** How the app asks the API: JSON in, JSON out, problems as errors. */

/** Problem details (RFC 9457), as the API answers every refusal. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  hint?: string;
  instance?: string;
  errors?: { at: string; message: string }[];
}

/** A request that the server refused, or that did not reach it (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;
  /** Seconds after which the server asks to be tried again. */
  readonly retryAfterSecs: number | null;

  constructor(problem: Problem, retryAfterSecs: number | null = null) {
    super(sentenceOf(problem));
    this.status = problem.status;
    this.problem = problem;
    this.retryAfterSecs = retryAfterSecs;
  }
}

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: BodyInit;
  signal?: AbortSignal;
  accept?: string;
  /** ETag of what is changed: the server refuses (412) when it is another by now. */
  ifMatch?: string | null;
  headers?: Record<string, string>;
}

/** Proves to the server that a write comes from this app; it belongs to the session, and a reload gets it anew. */
let csrf = '';

export function setCsrf(token: string): void {
  csrf = token;
}

/** The answer of `path` as JSON; `undefined` when there is no body. */
export async function api<T>(path: string, request: Request = {}): Promise<T> {
  const response = await send(path, request);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** What was answered before, by path: the server says in a word when it still holds. */
const known = new Map<string, { etag: string; value: unknown }>();
/** Pages of lists that are remembered; more would be a list that no page shows. */
const KNOWN_MAX = 100;

/** The answer of `path`, asked with what is known of it: the same value again when nothing changed. */
export async function again<T>(path: string, signal: AbortSignal): Promise<T> {
  const before = known.get(path);
  const response = await send(path, { signal, headers: before ? { 'if-none-match': before.etag } : {} });
  if (response.status === 304 && before) return before.value as T;
  const value = (await response.json()) as T;
  const etag = response.headers.get('etag');
  if (etag) {
    const [oldest] = known.keys();
    if (known.size >= KNOWN_MAX && oldest !== undefined) known.delete(oldest);
    known.set(path, { etag, value });
  }
  return value;
}

/** Forgets all answers: they belong to whoever was logged in. */
export function forget(): void {
  known.clear();
}

/** The answer of `path`, whatever it is. */
export async function send(path: string, request: Request = {}): Promise<Response> {
  const { method = 'GET', body, raw, signal, accept = 'application/json', ifMatch } = request;
  const headers: Record<string, string> = { accept, ...request.headers };
  if (method !== 'GET') headers['x-csrf-token'] = csrf;
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (ifMatch) headers['if-match'] = ifMatch;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      signal,
      credentials: 'same-origin',
      // Answers are kept here, by their ETags; the browser's own cache would hide a 304.
      cache: 'no-store',
      body: body === undefined ? raw : JSON.stringify(body),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError({ type: 'unreachable', title: 'The server does not answer', status: 0 });
  }
  if (response.ok || response.status === 304) return response;
  const retryAfter = Number(response.headers.get('retry-after'));
  throw new ApiError(await problemOf(response), retryAfter > 0 ? retryAfter : null);
}

/** Keys and values as a query; what is empty is left out. */
export function query(values: Record<string, string | number | undefined | null>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const bare = { type: 'unknown', title: `The server answered ${response.status}`, status: response.status };
  try {
    const value: unknown = await response.json();
    return typeof value === 'object' && value !== null ? { ...bare, ...value, status: response.status } : bare;
  } catch {
    // A proxy in between answers in its own words.
    return bare;
  }
}

function sentenceOf({ title, detail }: Problem): string {
  return detail ? `${title}: ${detail}.` : `${title}.`;
}
