import { expect, test } from 'vitest';
import { niceTicks, rebucket, timeTicks } from '../../src/ui/scale';

test.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [7, [0, 2.5, 5, 7.5]],
  [100, [0, 50, 100]],
  [41_000, [0, 20_000, 40_000, 60_000]],
])('an axis to %d has round values', (max, ticks) => expect(niceTicks(max, 3)).toEqual(ticks));

test('joined buckets lose nothing', () => {
  const timeline = {
    start: '2026-09-14T00:00:00Z',
    bucket_secs: 60,
    exchanges: Array(1000).fill(3),
    errors: Array(1000).fill(1),
  };
  const joined = rebucket(timeline, 240);
  expect(joined.exchanges.length).toBeLessThanOrEqual(240);
  expect(joined.exchanges.reduce((a, b) => a + b)).toBe(3000);
  expect(joined.errors.reduce((a, b) => a + b)).toBe(1000);
  expect(joined.stepMs).toBe(300_000);
});

test('time is ticked at whole steps within the range', () => {
  const start = Date.UTC(2026, 8, 14, 3, 20);
  const { at, stepSecs } = timeTicks(start, start + 7 * 86_400_000, 8);
  expect(stepSecs).toBe(86_400);
  expect(at).toHaveLength(7);
  expect(at[0]).toBe(Date.UTC(2026, 8, 15));
});
