import type { Report } from '../../api/report';
import type { Operation } from '../../api/results';
import { label } from '../../catalog';
import { fileLine, percent, plural } from '../../format';
import { Record } from '../../ui/FindingCard';
import { Panel } from '../../ui/Panel';

/** Share of exchanges that conform, as a number and a bar; `word` where no heading says what it is. */
export function Conformance({ share, word = '' }: { share: number; word?: string }) {
  const color = share >= 0.99 ? 'var(--accent-fill)' : share >= 0.5 ? 'var(--sev-medium)' : 'var(--sev-high)';
  return (
    <span className="conformance">
      <span>
        <b>{percent(share)}</b> {word}
      </span>
      <span className="bar-track" aria-hidden="true">
        <span style={{ width: `${100 * share}%`, background: color }} />
      </span>
    </span>
  );
}

/** The operation that an endpoint implements, and how exchanges differ from it. */
export function Declared({ operation, report }: { operation: Operation; report: Report }) {
  return (
    <Panel
      title="Declaration"
      hint={
        <>
          <code title={operation.spec}>{fileLine(operation.spec, operation.line)}</code>
          {operation.id && ` · ${operation.id}`}. {plural(operation.checked, 'exchange')} compared.
        </>
      }
      action={<Conformance share={operation.conforming} word="conform" />}
      className="span-12"
    >
      {operation.violations.length === 0 ? (
        <p className="muted">Every exchange that was compared conforms.</p>
      ) : (
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">Difference</th>
                <th scope="col">Where</th>
                <th scope="col">What</th>
                <th scope="col" className="num">
                  Exchanges
                </th>
                <th scope="col">See</th>
              </tr>
            </thead>
            <tbody>
              {operation.violations.map((one) => (
                <tr key={`${one.kind} ${one.place} ${one.text}`}>
                  <th scope="row">{label(one.kind)}</th>
                  <td>
                    <code className="breakable">{one.place}</code>
                  </td>
                  <td>{one.text}</td>
                  <td className="num">{percent(one.share)}</td>
                  <td>
                    {one.evidence[0] && (
                      <Record source={one.evidence[0].source} exchange={one.evidence[0].exchange} report={report} />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
