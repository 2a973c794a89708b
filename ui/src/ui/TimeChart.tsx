import { type KeyboardEvent, type PointerEvent, useMemo, useState } from 'react';
import type { Timeline } from '../api/results';
import { compact, count, moment, percent, ratio, tick } from '../format';
import { Empty } from './Panel';
import { niceTicks, rebucket, timeTicks } from './scale';

/** Bars thinner than this many in the width of a page are not told apart. */
const BUCKETS_MAX = 240;

interface Props {
  timeline: Timeline;
  name: string;
  height?: number;
}

/**
 * Exchanges over time with the errors among them, and the share of errors in a lane below. Drawn as SVG and laid out in percent: it follows the theme by
 * CSS, prints as vectors, and needs no measuring. Arrow keys walk through the buckets.
 */
export function TimeChart({ timeline, name, height = 180 }: Props) {
  const buckets = useMemo(() => rebucket(timeline, BUCKETS_MAX), [timeline]);
  const [cursor, setCursor] = useState<number | null>(null);
  const { exchanges, errors, startMs, stepMs } = buckets;
  const many = exchanges.length;
  if (many === 0 || !timeline.start) return <Empty>The sources carry no times.</Empty>;

  const ticks = niceTicks(Math.max(...exchanges), 3);
  const top = ticks.at(-1) ?? 1;
  const endMs = startMs + stepMs * many;
  const axis = timeTicks(startMs, endMs, 8);
  const left = (ms: number) => `${((ms - startMs) / (endMs - startMs)) * 100}%`;

  const point = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setCursor(Math.max(0, Math.min(many - 1, Math.floor(((event.clientX - box.left) / box.width) * many))));
  };
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -many, End: many }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setCursor((at) => Math.max(0, Math.min(many - 1, (at ?? (step > 0 ? -1 : many)) + step)));
  };
  const total = exchanges.reduce((sum, value) => sum + value, 0);
  const bad = errors.reduce((sum, value) => sum + value, 0);
  const shares = exchanges.map((value, at) => (value > 0 ? (errors[at] ?? 0) / value : 0));
  // At least a tenth: a share of one percent should not fill the lane.
  const worst = Math.max(0.1, ...shares);

  return (
    <figure className="timechart" aria-label={name}>
      <div className="timechart-plot" style={{ height }}>
        {ticks.map((value) => (
          <span key={value} className="gridline" style={{ bottom: `${(value / top) * 100}%` }} aria-hidden="true">
            <span>{compact(value)}</span>
          </span>
        ))}
        <div
          className={`timechart-area ${bad > 0 ? 'with-lane' : ''}`}
          role="slider"
          tabIndex={0}
          aria-label={`${name}: ${count(total)} exchanges, ${count(bad)} errors`}
          aria-valuemin={0}
          aria-valuemax={many - 1}
          aria-valuenow={cursor ?? 0}
          aria-valuetext={describe(cursor ?? 0)}
          onPointerMove={point}
          onPointerLeave={() => setCursor(null)}
          onKeyDown={walk}
          onBlur={() => setCursor(null)}
        >
          <svg viewBox={`0 0 ${many} ${top}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <path className="fill-ok" d={columns(exchanges, top, many)} />
            <path className="fill-bad" d={columns(errors, top, many)} />
          </svg>
          {bad > 0 && (
            <svg viewBox={`0 0 ${many} ${worst}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
              <path className="fill-bad" d={columns(shares, worst, many)} />
            </svg>
          )}
          {cursor !== null && (
            <span className="cursor" style={{ left: `${(100 * cursor) / many}%`, width: `${100 / many}%` }} />
          )}
          {cursor !== null && (
            <div
              className={`tip ${cursor > many / 2 ? 'tip-left' : ''}`}
              style={{ left: `${((cursor + 0.5) / many) * 100}%` }}
            >
              <b>{moment(startMs + cursor * stepMs)} UTC</b>
              <span>{count(exchanges[cursor] ?? 0)} exchanges</span>
              <span>
                {count(errors[cursor] ?? 0)} errors ({ratio(errors[cursor] ?? 0, exchanges[cursor] ?? 0)})
              </span>
            </div>
          )}
        </div>
      </div>
      {bad > 0 && (
        <p className="lane-label" aria-hidden="true">
          <span>{percent(worst)}</span>
        </p>
      )}
      <div className="timechart-axis" aria-hidden="true">
        {axis.at.map((ms) => (
          <span key={ms} style={{ left: left(ms) }}>
            {tick(ms, axis.stepSecs)}
          </span>
        ))}
      </div>
      <figcaption className="legend">
        <span>
          <i className="swatch swatch-ok" /> Exchanges
        </span>
        <span>
          <i className="swatch swatch-bad" /> Errors (status 400 and above), {ratio(bad, total)}
          {bad > 0 && '; below, their share over time'}
        </span>
      </figcaption>
    </figure>
  );

  function describe(at: number): string {
    return `${moment(startMs + at * stepMs)} UTC: ${count(exchanges[at] ?? 0)} exchanges, ${count(errors[at] ?? 0)} errors`;
  }
}

/** One path for all bars: hundreds of elements would only slow the page. */
function columns(values: number[], top: number, many: number): string {
  const gap = many > 120 ? 0.12 : 0.2;
  return values
    .map((value, at) => (value > 0 ? `M${at + gap / 2} ${top}v${-value}h${1 - gap}v${value}z` : ''))
    .join('');
}
