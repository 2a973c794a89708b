/** Shapes of the API by the names that the app has for them; the shapes themselves are generated. */

import type { HuntAnswer } from '../api/api';

export type {
  AuditEntries,
  AuditEntry,
  Changes,
  Classes,
  Comment,
  Conformance,
  Difference,
  HuntParameter,
  HuntParameterKind as HuntParameterType,
  HuntTable,
  Me,
  NumberedChange as Change,
  Options as LoginOptions,
  Origin,
  Overview,
  Role,
  SavedHunt,
  Scope,
  Setting,
  SourceHealth,
  Token as ApiToken,
  UploadedSpec,
  User,
  Verified as AuditReport,
} from '../api/api';

/** One page of a list. */
export interface Page<T> {
  items: T[];
  /** Absent on the last page. */
  next_cursor?: string | null;
  total: number;
}

/** A whole list, or as much of it as is held. */
export interface List<T> {
  items: T[];
  total: number;
  /** Why there is nothing: who is logged in may not see it. */
  refused?: string;
}

export type Cell = string | number | boolean | null | Cell[] | { [key: string]: Cell };

/** What a hunt found. */
export interface HuntResult extends HuntAnswer {
  rows: Cell[][];
}
