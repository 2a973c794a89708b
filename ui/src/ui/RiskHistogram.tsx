import { Link } from '@tanstack/react-router';
import type { Endpoint } from '../api/results';
import { BANDS, band } from '../catalog';
import { count, plural } from '../format';

const WIDTH = 5;

/** How many endpoints have which score; each band leads to its endpoints. */
export function RiskHistogram({ endpoints }: { endpoints: Endpoint[] }) {
  const bins = Array.from({ length: 100 / WIDTH }, () => 0);
  const inBand = new Map<string, number>();
  for (const { risk } of endpoints) {
    const at = Math.min(bins.length - 1, Math.floor(risk.score / WIDTH));
    bins[at] = (bins[at] ?? 0) + 1;
    inBand.set(band(risk.score).id, (inBand.get(band(risk.score).id) ?? 0) + 1);
  }
  const top = Math.max(1, ...bins);
  return (
    <div className="histogram">
      <div className="histogram-plot" aria-hidden="true">
        {bins.map((value, at) => (
          <span
            key={at * WIDTH}
            className={`sev-${band(at * WIDTH).id}`}
            style={{ height: `${value === 0 ? 0 : Math.max(2, (100 * value) / top)}%` }}
            title={`Score ${at * WIDTH} to ${at * WIDTH + WIDTH - 1}: ${plural(value, 'endpoint')}`}
          />
        ))}
      </div>
      <ul className="histogram-bands">
        {[...BANDS].reverse().map(({ id, label, from, to }) => (
          <li key={id} className={`sev-${id}`}>
            <Link to="/inventory" search={{ risk: [id] }}>
              <b>{count(inBand.get(id) ?? 0)}</b>
              <span>{label}</span>
              <small>
                {from}–{to}
              </small>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
