/** Shapes of the API that are not parts of the results document. */

import type { Fact, LogSnippet, Ownership, Service, Source, Stats } from '../api/results';

export type Role = 'viewer' | 'analyst' | 'developer' | 'admin';
export type Scope = 'ingest' | 'read' | 'hunt' | 'triage' | 'admin';

/** Who is logged in. */
export interface Me {
  name: string;
  kind: 'user' | 'token';
  role: Role;
  scopes: Scope[];
  /** Services that a developer owns. */
  services: string[];
  tenant: string;
  /** Whether a second factor is set up. */
  totp: boolean;
  csrf: string;
}

/** How one may log in. */
export interface LoginOptions {
  oidc: { name: string } | null;
  /** True until somebody other than the first token exists. */
  first_run?: boolean;
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
  vedette: string;
  concluded_at: string | null;
  stats: Stats;
  services: Service[];
  sources: Source[];
  facts: Fact[];
  log_snippets: LogSnippet[];
  ownership: Ownership | null;
  counts: {
    endpoints: number;
    findings: number;
    actors: number;
    incidents: number;
    detections: number;
    specs: number;
    gateways: number;
  };
  /** Sensitivity level by data class. */
  levels: Record<string, string>;
}

export interface Comment {
  id: string;
  at: string;
  author: string;
  text: string;
}

/** A change of the inventory. */
export interface Change {
  id: string;
  at: string;
  kind: string;
  service: string;
  endpoint: string;
  place: string;
  text: string;
}

/** How a source is doing now. */
export interface SourceHealth {
  id: string;
  name: string;
  kind: string;
  state: 'ok' | 'idle' | 'late' | 'failing' | 'paused';
  received: number;
  accepted: number;
  refused: number;
  last_seen: string | null;
  delay_secs: number | null;
  quality: number | null;
  problem: string | null;
}

export type Cell = string | number | boolean | null | Cell[] | { [key: string]: Cell };

/** What a hunt found. */
export interface HuntResult {
  id: string;
  columns: { name: string; type: string }[];
  rows: Cell[][];
  truncated: boolean;
  elapsed_ms: number;
  scanned_rows: number | null;
}

export interface HuntParameter {
  name: string;
  type: string;
  default: Cell;
  help: string;
}

/** A hunt with a name: shipped with Vedette, or saved by a user. */
export interface SavedHunt {
  id: string;
  title: string;
  question: string;
  sql: string;
  parameters: HuntParameter[];
  shipped: boolean;
  owner: string | null;
}

/** A table that hunts may ask. */
export interface HuntTable {
  name: string;
  help: string;
  columns: { name: string; type: string; help: string }[];
}

export interface ApiToken {
  id: string;
  name: string;
  scopes: Scope[];
  services: string[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
}

export interface User {
  id: string;
  name: string;
  role: Role;
  services: string[];
  totp: boolean;
  disabled: boolean;
  last_login_at: string | null;
}

export interface AuditEntry {
  seq: number;
  at: string;
  who: string;
  action: string;
  target: string;
  detail: string | null;
}
