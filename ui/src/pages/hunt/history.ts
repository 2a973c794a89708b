import type { Addressed } from './address';

/** Hunts that were run in this browser, newest first; they stay here, by user. */
export type Past = Pick<Addressed, 'values'> & { sql: string };

const PAST_MAX = 30;
/** A longer statement is not kept: the browser's store is small. */
const SQL_LENGTH_MAX = 8_000;

const keyOf = (user: string) => `vedette-hunts-${user}`;

export function recalled(user: string): Past[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(user)) ?? '[]');
    return Array.isArray(value) ? value.filter(isPast) : [];
  } catch {
    return [];
  }
}

export function remember(user: string, past: Past): void {
  if (past.sql.length > SQL_LENGTH_MAX) return;
  const before = recalled(user).filter(({ sql }) => sql !== past.sql);
  try {
    localStorage.setItem(keyOf(user), JSON.stringify([past, ...before].slice(0, PAST_MAX)));
  } catch {
    // A full or forbidden store costs the history, not the hunt.
  }
}

export function forgetHunts(user: string): void {
  try {
    localStorage.removeItem(keyOf(user));
  } catch {
    // Nothing was kept, then.
  }
}

function isPast(value: unknown): value is Past {
  return (
    typeof value === 'object' && value !== null && 'sql' in value && typeof value.sql === 'string' && 'values' in value
  );
}
