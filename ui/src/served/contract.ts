/** Shapes of the API that are not parts of the results document. */

import type { Fact, LogSnippet, Ownership, Source, Stats } from '../api/results';

export type Role = 'viewer' | 'analyst' | 'developer' | 'admin';
export type Scope = 'ingest' | 'read' | 'hunt' | 'triage' | 'admin';

/** Who is logged in. */
export interface Me {
  id: string;
  name: string;
  kind: 'user' | 'token';
  role: Role;
  scopes: Scope[];
  /** Services that are seen, when not all are. */
  services: string[] | null;
  tenant: string;
  password: boolean;
  second_factor: boolean;
  csrf: string | null;
}

/** How one may log in. */
export interface LoginOptions {
  oidc: { name: string } | null;
}

/** One page of a list. */
export interface Page<T> {
  items: T[];
  /** Absent on the last page. */
  next_cursor?: string;
  total: number;
}

/** A whole list, or as much of it as is held. */
export interface List<T> {
  items: T[];
  total: number;
  /** Why there is nothing: who is logged in may not see it. */
  refused?: string;
}

/** Totals, and what is small enough to come with them. */
export interface Overview {
  concluded_at: string;
  /** Version of Vedette. */
  version: string;
  counts: {
    services: number;
    endpoints: number;
    findings: number;
    detections: number;
    incidents: number;
    actors: number;
    sources: number;
  };
  /** Findings that nobody accepted or resolved, by severity. */
  open_findings: Record<string, number>;
  stats: Stats;
  /** What is wrong with the server itself, in sentences. */
  troubles: string[];
  /** Names of the sources, as evidence counts them. */
  source_names?: string[];
  facts?: Fact[];
  log_snippets?: LogSnippet[];
  ownership?: Ownership | null;
}

/** Data classes and their levels. */
export interface Classes {
  classes: { id: string; level: string }[];
}

export interface Comment {
  id: string;
  author: string;
  text: string;
  created_at: string;
}

/** A change of the inventory. */
export interface Change {
  /** Its place in the log. */
  number: number;
  kind: string;
  at: string | null;
  /** Empty where the change stands for others. */
  service: string;
  endpoint: string;
  place: string;
  subject: string;
  before?: string;
  after?: string;
  text: string;
}

/** A part of the log of changes, newest first. */
export interface Changes {
  items: Change[];
  next_cursor?: string;
}

/** How a source is doing now. */
export interface SourceHealth {
  id: string;
  format: string;
  received: number;
  bytes: number;
  accepted: number;
  repeated: number;
  refused: number;
  /** Exchanges that claimed a time in the future. */
  skewed: number;
  last_received_at: string | null;
  delay_secs: number | null;
  learned: Source | null;
}

/** A specification that somebody uploaded. */
export interface UploadedSpec {
  id: string;
  name: string;
  service: string | null;
  created_at: string;
  updated_at: string;
  version: number;
}

/** How the traffic conforms to a specification. */
export interface Conformance {
  services: string[];
  declared: number;
  orphans: number;
  shadows: number;
  differences: Difference[];
  /** Differences that are not listed. */
  more: number;
}

export interface Difference {
  level: 'breaking' | 'security' | 'compatible';
  /** `METHOD /path`; empty for the whole document. */
  operation: string;
  kind: string;
  text: string;
  line: number | null;
}

export type Cell = string | number | boolean | null | Cell[] | { [key: string]: Cell };

/** What a hunt found. */
export interface HuntResult {
  columns: { name: string; type: string }[];
  rows: Cell[][];
  stats: {
    /** There were more rows than were asked for. */
    truncated: boolean;
    elapsed_ms: number;
    scanned_rows: number;
  };
}

export type HuntParameterType = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'interval';

export interface HuntParameter {
  name: string;
  type: HuntParameterType;
  default?: Cell;
  help: string;
}

/** A hunt with a name: shipped with Vedette, or saved by a user. */
export interface SavedHunt {
  id: string;
  title: string;
  question: string;
  sql: string;
  parameters: HuntParameter[];
  owasp: string[];
  attack: string[];
  shipped: boolean;
  owner: string | null;
  version: number;
}

/** A table that hunts may ask. */
export interface HuntTable {
  name: string;
  about: string;
  /** A query that shows what it is good for. */
  example: string;
  columns: { name: string; type: string; about: string }[];
}

/** A setting of the server. */
export interface Setting {
  name: string;
  help: string;
  value: number;
  default: number;
  least: number;
  most: number;
  updated_by: string | null;
  updated_at: string | null;
  version: number;
}

export interface ApiToken {
  id: string;
  name: string;
  scopes: Scope[];
  services: string[];
  user_id: string;
  created_at: string;
  expires_at: string | null;
  used_at: string | null;
}

export interface User {
  id: string;
  name: string;
  role: Role;
  services: string[];
  disabled: boolean;
  password: boolean;
  second_factor: boolean;
  /** Logs in at a provider. */
  oidc: boolean;
  login_at: string | null;
}

export interface AuditEntry {
  seq: number;
  at: string;
  /** `user:ada`, `token:ci`. */
  actor: string;
  action: string;
  target: string;
  /** A sentence, or JSON. */
  detail: string;
  address: string;
}

/** A part of the audit log, newest first. */
export interface AuditEntries {
  items: AuditEntry[];
  /** Asks for the next part. */
  next: number | null;
}

/** What a check of the audit log found. */
export interface AuditReport {
  whole: boolean;
  entries: number;
  head: { seq: number; hash: string } | null;
  faults: string[];
}
