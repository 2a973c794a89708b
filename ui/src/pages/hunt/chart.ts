import type { Cell, HuntResult } from '../../served/contract';
import { sortOf } from './columns';

/** More lines than this are not told apart. */
const SERIES_MAX = 6;
const BARS_MAX = 20;

export interface Point {
  at: number;
  value: number;
}

export type Chart =
  | { kind: 'line'; series: { name: string; points: Point[] }[]; left: number }
  | { kind: 'bars'; label: string; value: string; bars: { label: string; value: number }[]; left: number };

/** The chart that the shape of a result asks for: a time and numbers give lines, names and a number bars. */
export function chartOf({ columns, rows }: Pick<HuntResult, 'columns' | 'rows'>): Chart | null {
  if (rows.length < 2) return null;
  const sorts = columns.map(({ type }) => sortOf(type));
  const at = (sort: string) => sorts.flatMap((one, place) => (one === sort ? [place] : []));
  const numbers = at('number');
  const texts = at('text');
  const [number] = numbers;
  if (number === undefined) return null;
  if (sorts[0] === 'time') {
    if (texts.length === 0) return lines(columns, rows, 0, numbers);
    return texts.length === 1 && numbers.length === 1 ? pivot(rows, 0, texts[0] ?? 0, number) : null;
  }
  // What stands before the first number names it; what comes after is more about it.
  const names = texts.filter((place) => place < number);
  return sorts[0] === 'text' && names.length <= 2 ? bars(columns, rows, names, number) : null;
}

function lines(columns: HuntResult['columns'], rows: Cell[][], time: number, numbers: number[]): Chart | null {
  const shown = numbers.slice(0, SERIES_MAX);
  const series = shown.map((column) => ({
    name: columns[column]?.name ?? '',
    points: points(rows, time, column),
  }));
  const drawn = series.filter(({ points: { length } }) => length > 1);
  return drawn.length > 0 ? { kind: 'line', series: drawn, left: numbers.length - shown.length } : null;
}

/** One line per name; the largest ones. */
function pivot(rows: Cell[][], time: number, text: number, number: number): Chart | null {
  const byName = new Map<string, Cell[][]>();
  for (const row of rows) {
    const name = String(row[text] ?? '');
    byName.set(name, [...(byName.get(name) ?? []), row]);
  }
  const all = [...byName]
    .map(([name, own]) => ({ name, points: points(own, time, number) }))
    .filter(({ points: { length } }) => length > 1)
    .map((one) => ({ ...one, sum: one.points.reduce((sum, { value }) => sum + value, 0) }))
    .sort((a, b) => b.sum - a.sum);
  if (all.length === 0) return null;
  return { kind: 'line', series: all.slice(0, SERIES_MAX), left: Math.max(0, all.length - SERIES_MAX) };
}

function bars(columns: HuntResult['columns'], rows: Cell[][], texts: number[], number: number): Chart | null {
  const values = rows.map((row) => ({
    label: texts.map((at) => String(row[at] ?? '–')).join(' · '),
    value: Number(row[number] ?? 0),
  }));
  if (values.some(({ value }) => value < 0 || !Number.isFinite(value))) return null;
  return {
    kind: 'bars',
    label: texts.map((at) => columns[at]?.name ?? '').join(' · '),
    value: columns[number]?.name ?? '',
    bars: values.slice(0, BARS_MAX),
    left: Math.max(0, values.length - BARS_MAX),
  };
}

function points(rows: Cell[][], time: number, column: number): Point[] {
  return rows
    .map((row) => ({ at: instant(row[time]), value: row[column] === null ? Number.NaN : Number(row[column]) }))
    .filter(({ at, value }) => Number.isFinite(at) && Number.isFinite(value))
    .sort((a, b) => a.at - b.at);
}

/** Times without a zone are UTC, as everything here is. */
function instant(value: Cell | undefined): number {
  if (typeof value !== 'string') return Number.NaN;
  const text = value.replace(' ', 'T');
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);
}
