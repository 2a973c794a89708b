import type { Cell, HuntResult } from '../../served/contract';

export type Sort = 'number' | 'time' | 'text';

/** What a column's type means for its looks. */
export function sortOf(type: string): Sort {
  if (type === 'timestamp' || type === 'date') return 'time';
  return type === 'integer' || type === 'number' ? 'number' : 'text';
}

/** Numbers that name something are not quantities: they carry no separators. */
const NAMES = /(^|_)(id|status|port|code|year|seq|version|record)$/i;
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });

/** A value as text, for a reader. */
export function cellText(value: Cell | undefined, name: string, sort: Sort): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  if (sort === 'number' && typeof value === 'number' && !NAMES.test(name)) return grouped.format(value);
  if (sort === 'time' && typeof value === 'string') return timeText(value);
  return String(value);
}

/** `2026-09-21 14:13:05.123`: sortable, in UTC, without the parts that are all the same. */
function timeText(value: string): string {
  return value
    .replace('T', ' ')
    .replace(/(Z|\+00:00)$/, '')
    .replace(/(\.\d{3})\d+$/, '$1')
    .replace(/\.000$/, '');
}

/** Rows as text to paste into a sheet. */
export function toTsv({ columns, rows }: Pick<HuntResult, 'columns' | 'rows'>): string {
  const plain = (value: Cell | undefined) =>
    (value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value))
      .replaceAll(/[\t\n\r]/g, ' ')
      // A sheet would run what looks like a formula, and anybody may have written it.
      .replace(/^(?=[=+@]|-(?![\d.]))/, "'");
  return [columns.map(({ name }) => name), ...rows.map((row) => row.map(plain))]
    .map((line) => line.join('\t'))
    .join('\n');
}

/** Widths of columns in characters: as wide as what they hold, within reason. */
export function widths({ columns, rows }: Pick<HuntResult, 'columns' | 'rows'>): number[] {
  return columns.map(({ name, type }, at) => {
    const longest = rows
      .slice(0, 200)
      .reduce((most, row) => Math.max(most, cellText(row[at], name, sortOf(type)).length), 0);
    return Math.min(48, Math.max(7, name.length + 2, longest)) + 2;
  });
}
