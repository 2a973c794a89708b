import type { Distribution } from '../api/results';
import { compact } from '../format';

interface Row {
  name: string;
  values: Distribution | null | undefined;
  format: (value: number) => string;
}

/** Quantiles of quantities; each bar begins at its median and ends at its largest value, on a logarithmic scale. */
export function Quantiles({ rows }: { rows: Row[] }) {
  return (
    <div className="scroll-x">
      <table className="plain quantiles">
        <thead>
          <tr>
            <th scope="col">Quantity</th>
            <th scope="col" className="quantile-plot-head" aria-label="Median to maximum" />
            <th scope="col" className="num">
              Median
            </th>
            <th scope="col" className="num">
              p95
            </th>
            <th scope="col" className="num">
              p99
            </th>
            <th scope="col" className="num">
              Max
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, values, format }) =>
            values ? (
              <tr key={name}>
                <th scope="row">
                  {name} <small className="muted">{compact(values.count)} measured</small>
                </th>
                <td className="quantile-plot">
                  <Range values={values} />
                </td>
                <td className="num">{format(values.p50)}</td>
                <td className="num">{format(values.p95)}</td>
                <td className="num">{format(values.p99)}</td>
                <td className="num">{format(values.max)}</td>
              </tr>
            ) : null,
          )}
        </tbody>
      </table>
    </div>
  );
}

function Range({ values }: { values: Distribution }) {
  const low = Math.log1p(values.p50);
  const high = Math.max(low + 0.01, Math.log1p(values.max));
  const at = (value: number) => `${((Math.log1p(value) - low) / (high - low)) * 100}%`;
  const width = (from: number, to: number) => `${((Math.log1p(to) - Math.log1p(from)) / (high - low)) * 100}%`;
  return (
    <span className="range" aria-hidden="true">
      <span className="range-tail" style={{ left: at(values.p50), width: width(values.p50, values.max) }} />
      <span className="range-body" style={{ left: at(values.p50), width: width(values.p50, values.p95) }} />
      <span className="range-dot" style={{ left: at(values.p50) }} />
      {values.p99 > values.p50 && <span className="range-tick" style={{ left: at(values.p99) }} />}
    </span>
  );
}
