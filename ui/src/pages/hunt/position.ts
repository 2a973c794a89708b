import { useMemo } from 'react';
import { ApiError } from '../../served/client';

/** Where in the statement something is wrong. */
export interface Trouble {
  from: number;
  to: number;
  message: string;
}

/** The place that a refusal names (`line 3, column 12`), as offsets; `null` when it names none. */
export function usePosition(error: Error | null, sql: string): Trouble | null {
  // Against the statement that was run: later changes would move the mark.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the statement of the moment when the error came.
  return useMemo(() => (error instanceof ApiError ? locate(error, sql) : null), [error]);
}

export function locate(error: ApiError, sql: string): Trouble | null {
  const { detail = '', errors = [] } = error.problem;
  const texts = [...errors.flatMap(({ at, message }) => [at, message]), detail];
  for (const text of texts) {
    const [, line, column] = text.match(/line:?\s*(\d+)[,;]?\s*col(?:umn)?:?\s*(\d+)/i) ?? [];
    if (line && column) {
      const from = offset(sql, Number(line), Number(column));
      const word = sql.slice(from).match(/^(?:\w+|\S|)/)?.[0].length ?? 0;
      return { from, to: Math.min(sql.length, from + Math.max(1, word)), message: error.message };
    }
  }
  return null;
}

/** Lines and columns count from one. */
function offset(sql: string, line: number, column: number): number {
  const lines = sql.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  return Math.min(sql.length, before + Math.max(0, column - 1));
}
