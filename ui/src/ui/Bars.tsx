import type { ReactNode } from 'react';

export interface Bar {
  key: string;
  label: ReactNode;
  value: number;
  text: string;
  /** A CSS color; the accent when absent. */
  color?: string;
  /** A second line under the label. */
  note?: ReactNode;
}

/** Labelled horizontal bars. A list, so that screen readers and paper get the numbers too. */
export function Bars({ bars, max, name }: { bars: Bar[]; max?: number; name: string }) {
  const top = max ?? Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul className="bars" aria-label={name}>
      {bars.map((bar) => (
        <li key={bar.key}>
          <span className="bar-label">{bar.label}</span>
          <span className="bar-text">{bar.text}</span>
          <span className="bar-track" aria-hidden="true">
            <span
              style={{ width: `${Math.max(bar.value > 0 ? 0.6 : 0, (100 * bar.value) / top)}%`, background: bar.color }}
            />
          </span>
          {bar.note && <span className="bar-note">{bar.note}</span>}
        </li>
      ))}
    </ul>
  );
}

export interface Part {
  key: string;
  label: ReactNode;
  value: number;
  text: string;
  color: string;
}

/** Parts of a whole as one bar with a legend that carries the numbers. */
export function Stack({ parts, name }: { parts: Part[]; name: string }) {
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const shown = parts.filter((part) => part.value > 0);
  return (
    <div className="stack">
      <div className="stack-bar" aria-hidden="true">
        {shown.map((part) => (
          <span key={part.key} style={{ flexGrow: part.value / Math.max(1, total), background: part.color }} />
        ))}
      </div>
      <ul aria-label={name}>
        {shown.map((part) => (
          <li key={part.key}>
            <span className="swatch" style={{ background: part.color }} aria-hidden="true" />
            <span>{part.label}</span>
            <span className="stack-text">{part.text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
