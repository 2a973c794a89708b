/** Scores below which a source tells too little, and much too little. */
const GOOD = 90;
const POOR = 70;

/** How much of 100 was reached: more is better. The number always stands in text. */
export function Gauge({ value, name }: { value: number; name: string }) {
  const grade = value >= GOOD ? 'good' : value >= POOR ? 'fair' : 'poor';
  return (
    <span className={`gauge gauge-${grade}`}>
      <span>
        <b>{value}</b> <span className="muted">of 100</span>
        <span className="sr">, {name}</span>
      </span>
      <span className="gauge-track" aria-hidden="true">
        <span style={{ width: `${value}%` }} />
      </span>
    </span>
  );
}
