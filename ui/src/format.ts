/** Numbers and times as people read them. Everything is in UTC and English, so that two readers see the same report. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compactNumber = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `1,234,567`. */
export function count(value: number): string {
  return whole.format(value);
}

/** `1,234` below ten thousand, `12.3K`, `1.23M` above. */
export function compact(value: number): string {
  return value < 10_000 ? whole.format(value) : compactNumber.format(value);
}

/** `0 %`, `<0.1 %`, `4.2 %`, `37 %`: never a rounded 0 % for something that happened, or 100 % with exceptions. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || !Number.isFinite(value)) return '0%';
  if (value < 0.1) return '<0.1%';
  if (value > 99.9 && value < 100) return '>99.9%';
  return value < 10 || (value > 99 && value < 100) ? `${Number(value.toFixed(1))}%` : `${Math.round(value)}%`;
}

/** `part` of `all` in percent. */
export function ratio(part: number, all: number): string {
  return percent(all === 0 ? 0 : part / all);
}

/** `512 B`, `4.2 kB`, `1.5 GB` (powers of ten). */
export function bytes(value: number): string {
  return scaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB']);
}

/** `0.8 ms`, `42 ms`, `1.2 s`, `2 min`. */
export function millis(value: number): string {
  if (value < 1000) return `${Number(value.toPrecision(value < 10 ? 2 : 3))} ms`;
  if (value < 60_000) return `${Number((value / 1000).toPrecision(3))} s`;
  return duration(value / 1000);
}

/** `15 min`, `3 h`, `30 days`: the largest unit that fits, one decimal when it matters. */
export function duration(secs: number): string {
  const units: [number, string][] = [
    [86_400, 'day'],
    [3600, 'h'],
    [60, 'min'],
  ];
  for (const [size, name] of units) {
    if (secs >= size) {
      const value = Number((secs / size).toFixed(secs / size < 10 ? 1 : 0));
      return `${value % 1 ? value : whole.format(value)} ${name}${name === 'day' && value !== 1 ? 's' : ''}`;
    }
  }
  return `${Number(secs.toPrecision(3))} s`;
}

/** `21 Sep 2026`. */
export function day(iso: string | number | null | undefined): string {
  const date = parse(iso);
  return date ? `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}` : '–';
}

/** `21 Sep 2026, 14:13`. */
export function moment(iso: string | number | null | undefined): string {
  const date = parse(iso);
  return date ? `${day(iso)}, ${clock(date)}` : '–';
}

/** `21 Sep` or `14:00`: the shortest that tells ticks `step` seconds apart from each other; midnight names its day. */
export function tick(ms: number, step: number): string {
  const date = new Date(ms);
  return step >= 86_400 || ms % 86_400_000 === 0 ? `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}` : clock(date);
}

/** `14 – 21 Sep 2026`, with as little repeated as can be. */
export function span(from: string | null | undefined, to: string | null | undefined): string {
  const [start, end] = [parse(from), parse(to)];
  if (!start || !end) return 'an unknown time';
  if (day(from) === day(to)) return `${day(from)}, ${clock(start)}–${clock(end)} UTC`;
  const sameYear = start.getUTCFullYear() === end.getUTCFullYear();
  const sameMonth = sameYear && start.getUTCMonth() === end.getUTCMonth();
  const left = sameMonth ? `${start.getUTCDate()}` : sameYear ? day(from).replace(/ \d+$/, '') : day(from);
  return `${left} – ${day(to)}`;
}

/** `1 finding`, `2 findings`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A fragment as the beginning of a line: `no host` as `No host`. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function clock(date: Date): string {
  return `${String(date.getUTCHours()).padStart(2, '0')}:${String(date.getUTCMinutes()).padStart(2, '0')}`;
}

function parse(iso: string | number | null | undefined): Date | null {
  if (iso === null || iso === undefined) return null;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? null : date;
}

function scaled(value: number, base: number, units: string[]): string {
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(value) : Number(value.toPrecision(3))} ${units[unit]}`;
}

/** `specs/orders.yaml:12`: a line of a file, by the end of its path. */
export function fileLine(file: string, line?: number | null): string {
  const name = file.split('/').filter(Boolean).slice(-2).join('/');
  return line ? `${name}:${line}` : name;
}
