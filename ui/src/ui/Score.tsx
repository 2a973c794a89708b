import { band } from '../catalog';

/** A risk score with its band; the number always stands in text. */
export function Score({ value, large = false }: { value: number; large?: boolean }) {
  const { id, label } = band(value);
  return (
    <span className={`score sev-${id} ${large ? 'score-large' : ''}`} title={`Risk ${value} of 100: ${label}`}>
      <b>{value}</b>
      <span className="score-track" aria-hidden="true">
        <span style={{ width: `${Math.max(2, value)}%` }} />
      </span>
      {large && <span className="score-label">{label} risk</span>}
    </span>
  );
}
