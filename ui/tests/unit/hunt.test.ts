import { expect, test } from 'vitest';
import { fromHash, toHash } from '../../src/pages/hunt/address';
import { chartOf } from '../../src/pages/hunt/chart';
import { cellText, sortOf, toTsv } from '../../src/pages/hunt/columns';
import { parameterNames, typedValues, withTypes } from '../../src/pages/hunt/parameters';
import { locate } from '../../src/pages/hunt/position';
import { ApiError } from '../../src/served/client';
import type { Cell } from '../../src/served/contract';

const columns = (...pairs: [string, string][]) => pairs.map(([name, type]) => ({ name, type }));

test('parameters are found outside of texts, names and comments', () => {
  const sql = `select '$no', "$no" -- $no\n, $one /* $no */ from t where a = $two and b = $one and c = '$it''s $no'`;
  expect(parameterNames(sql)).toEqual(['one', 'two']);
});

test('values have the types that parameters ask for', () => {
  const asked = [
    { name: 'a', type: 'integer', help: '' },
    { name: 'b', type: 'text', help: '' },
    { name: 'c', type: 'boolean', help: '' },
    { name: 'd', type: 'integer', default: 7, help: '' },
    { name: 'e', help: '' },
    { name: 'f', help: '' },
    { name: 'g', type: 'interval', help: '' },
  ] as const;
  const texts = { a: '12', b: '12', c: 'true', d: '', e: '12', f: '12345678901234567890', g: '7 days' };
  expect(typedValues([...asked], texts)).toEqual({
    a: 12,
    b: '12',
    c: true,
    d: 7,
    e: 12,
    f: '12345678901234567890',
    g: '7 days',
  });
});

test('a changed hunt keeps the types that its parameters had', () => {
  const asked = [
    { name: 'since', type: 'interval', help: '' },
    { name: 'from', type: 'time', help: '' },
    { name: 'n', type: 'integer', help: '' },
  ] as const;
  expect(withTypes("at > now() - $since and at > $from and n > $n and x <> '$since'", [...asked])).toBe(
    "at > now() - cast($since as interval) and at > cast($from as timestamp) and n > $n and x <> '$since'",
  );
});

test('a hunt survives the address', () => {
  const sql = "select '#&=%' from t\nwhere a = $x";
  const hash = toHash(sql, { x: 'a b', y: '' });
  expect(fromHash(`#${hash}`)).toEqual({ sql, values: { x: 'a b' } });
  expect(fromHash('')).toEqual({ sql: null, values: {} });
});

test('the place of an error is found by line and column', () => {
  const sql = 'select a\nfrom  tabel t';
  const refusal = (detail: string) =>
    new ApiError({ type: 'urn:vedette:problem:unprocessable', title: 'No', status: 422, detail });
  expect(locate(refusal('line 2, column 7: no such table'), sql)).toMatchObject({ from: 15, to: 20 });
  expect(locate(refusal('Line: 9, Column: 99'), sql)).toMatchObject({ from: sql.length });
  expect(locate(refusal('too slow'), sql)).toBeNull();
});

test('the shape of a result decides its chart', () => {
  const hours = ['2026-09-14T00:00:00Z', '2026-09-14T01:00:00Z', '2026-09-14T02:00:00Z'];
  const times = columns(['at', 'timestamp'], ['n', 'integer'], ['errors', 'integer']);
  const rows: Cell[][] = hours.map((hour, n) => [hour, n * 10, null]);
  const lines = chartOf({ columns: times, rows });
  expect(lines).toMatchObject({ kind: 'line', left: 0 });
  // A column without any value has no line.
  expect(lines?.kind === 'line' && lines.series.map(({ name }) => name)).toEqual(['n']);

  const names = columns(['at', 'timestamp'], ['service', 'text'], ['n', 'integer']);
  const pivot = chartOf({
    columns: names,
    rows: hours.flatMap((hour) => [
      [hour, 'a', 1],
      [hour, 'b', 9],
    ]),
  });
  expect(pivot?.kind === 'line' && pivot.series.map(({ name }) => name)).toEqual(['b', 'a']);

  const bars = chartOf({
    columns: columns(['who', 'text'], ['n', 'integer']),
    rows: [
      ['a', 3],
      ['b', 1],
    ],
  });
  expect(bars).toMatchObject({ kind: 'bars', label: 'who', value: 'n' });
  const more = columns(['who', 'text'], ['n', 'integer'], ['last', 'timestamp'], ['note', 'text']);
  expect(
    chartOf({
      columns: more,
      rows: [
        ['a', 3, hours[0] ?? '', ''],
        ['b', 1, hours[1] ?? '', ''],
      ],
    }),
  ).toMatchObject({
    kind: 'bars',
    label: 'who',
  });
  expect(chartOf({ columns: columns(['who', 'text'], ['n', 'integer']), rows: [['a', 3]] })).toBeNull();
  expect(
    chartOf({
      columns: columns(['a', 'text'], ['b', 'text']),
      rows: [
        ['x', 'y'],
        ['x', 'y'],
      ],
    }),
  ).toBeNull();
  expect(
    chartOf({
      columns: columns(['who', 'text'], ['n', 'number']),
      rows: [
        ['a', -3],
        ['b', 1],
      ],
    }),
  ).toBeNull();
});

test('values read well and copy safely', () => {
  expect([sortOf('timestamp'), sortOf('integer'), sortOf('number'), sortOf('interval'), sortOf('text')]).toEqual([
    'time',
    'number',
    'number',
    'text',
    'text',
  ]);
  expect(cellText(1_234_567, 'n', 'number')).toBe('1,234,567');
  expect(cellText(1_234_567, 'endpoint_id', 'number')).toBe('1234567');
  expect(cellText('2026-09-14T10:00:00.123456Z', 'at', 'time')).toBe('2026-09-14 10:00:00.123');
  const copied = toTsv({
    columns: columns(['a', 'text'], ['n', 'integer']),
    rows: [
      ['=cmd|x\ty', -5],
      ['-x', null],
    ],
  });
  expect(copied).toBe("a\tn\n'=cmd|x y\t-5\n'-x\t");
});
