import { type PointerEvent, useState } from 'react';
import { compact, count, moment, plural, tick } from '../../format';
import { Bars } from '../../ui/Bars';
import { niceTicks, timeTicks } from '../../ui/scale';
import type { Chart } from './chart';

const COLORS = [
  'var(--accent-fill)',
  'var(--series-2)',
  'var(--series-4)',
  'var(--hue-health)',
  'var(--sev-high)',
  'var(--series-3)',
];

/** A result as a picture. */
export function HuntChart({ chart }: { chart: Chart }) {
  if (chart.kind === 'line') return <Lines chart={chart} />;
  return (
    <figure className="hunt-chart">
      <Bars
        name={`${chart.value} by ${chart.label}`}
        bars={chart.bars.map(({ label, value }, at) => ({
          key: `${at} ${label}`,
          label: <code>{label}</code>,
          value,
          text: value % 1 === 0 ? count(value) : String(Number(value.toPrecision(4))),
        }))}
      />
      {chart.left > 0 && (
        <figcaption className="muted small">{plural(chart.left, 'more row')} in the table.</figcaption>
      )}
    </figure>
  );
}

type LineChart = Extract<Chart, { kind: 'line' }>;

function Lines({ chart: { series: all, left } }: { chart: LineChart }) {
  const [cursor, setCursor] = useState<number | null>(null);
  const [hidden, setHidden] = useState<readonly string[]>([]);
  // Quantities of different size share one axis: who looks for the small one hides the others.
  const drawn = all.filter(({ name }) => !hidden.includes(name));
  const series = drawn.length > 0 ? drawn : all;
  const colorOf = (name: string) => COLORS[all.findIndex((one) => one.name === name)];
  const toggle = (name: string) =>
    setHidden(hidden.includes(name) ? hidden.filter((one) => one !== name) : [...hidden, name]);
  const points = series.flatMap((one) => one.points);
  const start = Math.min(...points.map(({ at }) => at));
  const end = Math.max(...points.map(({ at }) => at));
  const wide = Math.max(1, end - start);
  const low = Math.min(0, ...points.map(({ value }) => value));
  const ticks = niceTicks(Math.max(...points.map(({ value }) => value)) - low, 4);
  const tall = ticks.at(-1) ?? 1;
  const axis = timeTicks(start, end + 1, 8);
  const x = (at: number) => ((at - start) / wide) * 1000;
  const y = (value: number) => 1000 - ((value - low) / tall) * 1000;
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setCursor(start + Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * wide);
  };
  const near = cursor === null ? null : nearest(series, cursor);
  return (
    <figure className="hunt-chart timechart" aria-label={`${series.map(({ name }) => name).join(', ')} over time`}>
      <div className="timechart-plot" style={{ height: 210 }}>
        {ticks.map((value) => (
          <span key={value} className="gridline" style={{ bottom: `${(value / tall) * 100}%` }} aria-hidden="true">
            <span>{compact(value + low)}</span>
          </span>
        ))}
        <div className="timechart-area" onPointerMove={point} onPointerLeave={() => setCursor(null)}>
          <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {series.map((one) => (
              <path
                key={one.name}
                className="hunt-line"
                style={{ stroke: colorOf(one.name) }}
                d={one.points
                  .map((p, i) => `${i === 0 ? 'M' : 'L'}${x(p.at).toFixed(1)} ${y(p.value).toFixed(1)}`)
                  .join('')}
              />
            ))}
          </svg>
          {near && (
            <>
              <span className="cursor cursor-line" style={{ left: `${x(near.at) / 10}%` }} />
              <div className={`tip ${x(near.at) > 500 ? 'tip-left' : ''}`} style={{ left: `${x(near.at) / 10}%` }}>
                <b>{moment(near.at)} UTC</b>
                {near.values.map(({ name, value }) => (
                  <span key={name}>
                    {name}: {compact(value)}
                  </span>
                ))}
              </div>
            </>
          )}
        </div>
      </div>
      <div className="timechart-axis" aria-hidden="true">
        {axis.at.map((ms) => (
          <span key={ms} style={{ left: `${x(ms) / 10}%` }}>
            {tick(ms, axis.stepSecs)}
          </span>
        ))}
      </div>
      <figcaption className="legend">
        {all.map(({ name, points: own }) => (
          <button
            key={name}
            type="button"
            className="legend-entry"
            aria-pressed={!hidden.includes(name)}
            onClick={() => toggle(name)}
          >
            <i className="swatch" style={{ background: colorOf(name) }} /> {name}
            <span className="sr">
              , {plural(own.length, 'point')}, from {own[0]?.value} to {own.at(-1)?.value}
            </span>
          </button>
        ))}
        {left > 0 && <span>{plural(left, 'more')} in the table</span>}
      </figcaption>
    </figure>
  );
}

/** The time of a point near the pointer, and what every line has there. */
function nearest(series: LineChart['series'], cursor: number) {
  let at = Number.NaN;
  for (const { points } of series) {
    for (const point of points) {
      if (Number.isNaN(at) || Math.abs(point.at - cursor) < Math.abs(at - cursor)) at = point.at;
    }
  }
  const values = series.flatMap(({ name, points }) => {
    const point = points.find((one) => one.at === at);
    return point ? [{ name, value: point.value }] : [];
  });
  return { at, values };
}
