import { describe, expect, test } from 'vitest';
import {
  bytes,
  compact,
  day,
  duration,
  listed,
  millis,
  moment,
  percent,
  plural,
  ratio,
  span,
  tick,
} from '../../src/format';

test.each([
  [0, '0%'],
  [0.0004, '<0.1%'],
  [0.0421, '4.2%'],
  [0.1, '10%'],
  [0.374, '37%'],
  [0.995, '99.5%'],
  [0.9996, '>99.9%'],
  [1, '100%'],
  [Number.NaN, '0%'],
])('the share %d reads %s', (share, text) => expect(percent(share)).toBe(text));

test('nothing of nothing is no division', () => expect(ratio(0, 0)).toBe('0%'));

test.each([
  [0, '0'],
  [9_999, '9,999'],
  [12_345, '12.3K'],
  [1_234_567, '1.23M'],
])('%d is %s at a glance', (value, text) => expect(compact(value)).toBe(text));

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1_482_003_112, '1.48 GB'],
])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text));

test.each([
  [0.82, '0.82 ms'],
  [42, '42 ms'],
  [429.4, '429 ms'],
  [1750, '1.75 s'],
  [120_000, '2 min'],
])('%d milliseconds are %s', (value, text) => expect(millis(value)).toBe(text));

test.each([
  [5, '5 s'],
  [900, '15 min'],
  [5400, '1.5 h'],
  [86_400, '1 day'],
  [2_592_000, '30 days'],
  [315_360_000, '3,650 days'],
])('%d seconds are %s', (value, text) => expect(duration(value)).toBe(text));

describe('times', () => {
  test('are in UTC', () => expect(moment('2026-09-21T14:13:20.5Z')).toBe('21 Sep 2026, 14:13'));
  test('that are absent or wrong are a dash', () => {
    expect(moment(null)).toBe('–');
    expect(day('soon')).toBe('–');
  });
  test.each([
    ['2026-09-14T00:00:00Z', '2026-09-21T10:00:00Z', '14 – 21 Sep 2026'],
    ['2026-08-30T00:00:00Z', '2026-09-21T10:00:00Z', '30 Aug – 21 Sep 2026'],
    ['2025-12-30T00:00:00Z', '2026-01-02T10:00:00Z', '30 Dec 2025 – 2 Jan 2026'],
    ['2026-09-14T08:00:00Z', '2026-09-14T10:30:00Z', '14 Sep 2026, 08:00–10:30 UTC'],
  ])('from %s to %s repeat nothing', (from, to, text) => expect(span(from, to)).toBe(text));
  test('ticks are as short as their step allows', () => {
    const noon = Date.UTC(2026, 8, 14, 12);
    expect(tick(noon, 3600)).toBe('12:00');
    expect(tick(Date.UTC(2026, 8, 14), 3600)).toBe('14 Sep');
    expect(tick(noon, 86_400)).toBe('14 Sep');
  });
});

test('words agree with their numbers', () => {
  expect(plural(1, 'finding')).toBe('1 finding');
  expect(plural(1200, 'class', 'classes')).toBe('1,200 classes');
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
});
