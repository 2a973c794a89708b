import type { Timeline } from '../api/results';

/** Round values from zero to at least `max`, about `wanted` of them. */
export function niceTicks(max: number, wanted = 4): number[] {
  if (max <= 0) return [0, 1];
  const rough = max / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power);
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, i) => i * step);
}

export interface Buckets {
  startMs: number;
  stepMs: number;
  exchanges: number[];
  errors: number[];
}

/** Joins neighboring buckets until at most `most` are left: more would be thinner than a pixel. */
export function rebucket(timeline: Timeline, most: number): Buckets {
  const factor = Math.max(1, Math.ceil(timeline.exchanges.length / most));
  const join = (values: number[]) =>
    Array.from({ length: Math.ceil(values.length / factor) }, (_, i) =>
      values.slice(i * factor, (i + 1) * factor).reduce((sum, value) => sum + value, 0),
    );
  return {
    startMs: timeline.start ? Date.parse(timeline.start) : 0,
    stepMs: Math.max(1, timeline.bucket_secs * factor) * 1000,
    exchanges: join(timeline.exchanges),
    errors: join(timeline.errors),
  };
}

const STEPS_SECS = [
  60,
  300,
  900,
  3600,
  3 * 3600,
  6 * 3600,
  12 * 3600,
  86_400,
  2 * 86_400,
  7 * 86_400,
  14 * 86_400,
  30 * 86_400,
  90 * 86_400,
  365 * 86_400,
];

/** Times to label on an axis: multiples of a step that people count in, at most `most` of them. */
export function timeTicks(startMs: number, endMs: number, most: number): { at: number[]; stepSecs: number } {
  const stepSecs = STEPS_SECS.find((step) => (endMs - startMs) / 1000 / step <= most) ?? 365 * 86_400;
  const stepMs = stepSecs * 1000;
  const at: number[] = [];
  for (let time = Math.ceil(startMs / stepMs) * stepMs; time < endMs; time += stepMs) at.push(time);
  return { at, stepSecs };
}
