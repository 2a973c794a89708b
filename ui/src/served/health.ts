import { plural } from '../format';
import type { SourceHealth } from './contract';

export type HealthState = 'ok' | 'idle' | 'late' | 'failing';

/** After this long without a batch a source counts as idle. */
const IDLE_MS = 15 * 60_000;
/** Exchanges that arrive later than this after they happened are late for whoever wants to act on them. */
const LATE_SECS = 300;

/** How a source does, in one word. */
export function stateOf(source: SourceHealth, nowMs: number): HealthState {
  // More than half unreadable: the format is wrong, or what is read is no log.
  if (source.origin?.problem || source.refused > source.accepted + source.repeated) return 'failing';
  if ((source.origin?.behind_secs ?? 0) > LATE_SECS) return 'late';
  if (source.last_received_at === null || nowMs - Date.parse(source.last_received_at) > IDLE_MS) return 'idle';
  return (source.delay_secs ?? 0) > LATE_SECS ? 'late' : 'ok';
}

/** What somebody should look at, in a fragment; `null` when nothing is. */
export function problemOf(source: SourceHealth): string | null {
  if (source.origin?.problem) return source.origin.problem;
  const [first] = source.learned?.problems ?? [];
  if (first) return first;
  if (source.refused > source.accepted + source.repeated) {
    return `${plural(source.refused, 'record')} could not be read, more than were`;
  }
  return source.skewed > 0
    ? `${plural(source.skewed, 'exchange')} came from the future: the sender’s clock runs ahead`
    : null;
}
