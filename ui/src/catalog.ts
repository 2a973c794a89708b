/** What the ids of the results mean in words. An id that is not here is shown as it is, so a newer engine still reads. */

import type { Finding } from './api/results';

export type Severity = Finding['severity'];

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

export const SEVERITY_MEANS: Record<Severity, string> = {
  critical: 'Fix today',
  high: 'Fix this week',
  medium: 'Plan a fix',
  low: 'Tidy up when there',
  info: 'Worth knowing',
};

export interface Band {
  id: Severity;
  label: string;
  from: number;
  to: number;
}

/** Bands of the risk score, highest first; they carry the colors of the severities. */
export const BANDS: readonly Band[] = [
  { id: 'critical', label: 'Critical', from: 80, to: 100 },
  { id: 'high', label: 'High', from: 60, to: 79 },
  { id: 'medium', label: 'Medium', from: 40, to: 59 },
  { id: 'low', label: 'Low', from: 20, to: 39 },
  { id: 'info', label: 'Minimal', from: 0, to: 19 },
];

/** The band of a score. */
export function band(score: number): Band {
  return BANDS.find((one) => score >= one.from) ?? { id: 'info', label: 'Minimal', from: 0, to: 19 };
}

/** OWASP API Security Top 10 of 2023, in order. */
export const OWASP: readonly { id: string; name: string }[] = [
  { id: 'API1:2023', name: 'Broken object level authorization' },
  { id: 'API2:2023', name: 'Broken authentication' },
  { id: 'API3:2023', name: 'Broken object property level authorization' },
  { id: 'API4:2023', name: 'Unrestricted resource consumption' },
  { id: 'API5:2023', name: 'Broken function level authorization' },
  { id: 'API6:2023', name: 'Unrestricted access to sensitive business flows' },
  { id: 'API7:2023', name: 'Server side request forgery' },
  { id: 'API8:2023', name: 'Security misconfiguration' },
  { id: 'API9:2023', name: 'Improper inventory management' },
  { id: 'API10:2023', name: 'Unsafe consumption of APIs' },
];

const ENDPOINT_KINDS: Record<string, string> = {
  api: 'API',
  graphql: 'GraphQL',
  'json-rpc': 'JSON-RPC',
  'mcp-tool': 'MCP tool',
  'mcp-resource': 'MCP resource',
  'mcp-prompt': 'MCP prompt',
  llm: 'Language model',
  soap: 'SOAP',
  grpc: 'gRPC',
  sse: 'Event stream',
  websocket: 'WebSocket',
  page: 'Page',
  static: 'Static file',
};

/** Kinds of endpoints, APIs first. */
export const KIND_ORDER: readonly string[] = Object.keys(ENDPOINT_KINDS);

/** A kind of endpoint in words. */
export function kind(id: string): string {
  return ENDPOINT_KINDS[id] ?? label(id);
}

const AUTHENTICATION: Record<string, string> = {
  none: 'None',
  basic: 'Basic',
  bearer: 'Bearer token',
  jwt: 'JWT',
  'api-key-header': 'API key (header)',
  'api-key-query': 'API key (query)',
  'api-key-cookie': 'API key (cookie)',
  'session-cookie': 'Session cookie',
  digest: 'Digest',
  'mutual-tls': 'Mutual TLS',
  unknown: 'Not visible',
};

/** An authentication scheme in words. */
export function authentication(scheme: string): string {
  return AUTHENTICATION[scheme] ?? scheme;
}

/** Built-in levels with their hues (see `tokens.css`), most sensitive first. */
const LEVELS: readonly [level: string, hue: string][] = [
  ['secret', 'secret'],
  ['sensitive-personal', 'identity'],
  ['health', 'health'],
  ['financial', 'financial'],
  ['personal', 'personal'],
  ['internal', 'plain'],
  ['public', 'plain'],
];

/** Most sensitive first; levels that a customer made come after the built-in ones. */
export function levelRank(level: string): number {
  const rank = LEVELS.findIndex(([id]) => id === level);
  return rank < 0 ? LEVELS.length : rank;
}

/** The hue of a level. */
export function levelHue(level: string): string {
  return LEVELS[levelRank(level)]?.[1] ?? 'plain';
}

const SHORT: Record<string, string> = {
  ip: 'IP',
  jwt: 'JWT',
  iban: 'IBAN',
  ssn: 'SSN',
  id: 'ID',
  aws: 'AWS',
  gcp: 'GCP',
  url: 'URL',
  api: 'API',
  mac: 'MAC',
  us: 'US',
  uk: 'UK',
  bola: 'BOLA',
  bfla: 'BFLA',
  sql: 'SQL',
  nosql: 'NoSQL',
  xml: 'XML',
  ssrf: 'SSRF',
  mcp: 'MCP',
};

/** `payment-card` as `Payment card`, `us-ssn` as `US SSN`. */
export function label(id: string): string {
  const words = id.split(/[-_]/).map((word) => SHORT[word] ?? word);
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
