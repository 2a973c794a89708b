import { useSuspenseQuery } from '@tanstack/react-query';
import { bytes, compact, count, duration, moment, ratio } from '../format';
import { Gauge } from '../ui/Gauge';
import { Empty, Panel } from '../ui/Panel';
import { Prose } from '../ui/Prose';
import type { SourceHealth } from './contract';
import { type HealthState, problemOf, stateOf } from './health';
import { healthQuery } from './queries';

const STATES: Record<HealthState, string> = { ok: 'Receiving', idle: 'Idle', late: 'Late', failing: 'Failing' };

/** How each source is doing now. */
export function SourcesTop() {
  const { data, dataUpdatedAt } = useSuspenseQuery(healthQuery);
  return (
    <Panel title="Now" hint="What each source sends, and how far behind it is. Times in UTC.">
      {data.items.length === 0 ? (
        <Empty>
          {data.refused ?? (
            <>
              No source yet. Push exchanges to <code>/v1/exchanges</code> or let a file be followed.
            </>
          )}
        </Empty>
      ) : (
        <div className="scroll-x">
          <table className="plain" aria-label="Health of sources">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col">State</th>
                <th scope="col" className="num">
                  Accepted
                </th>
                <th scope="col" className="num">
                  Repeated
                </th>
                <th scope="col" className="num">
                  Refused
                </th>
                <th scope="col" className="num">
                  Delay
                </th>
                <th scope="col" className="num">
                  Waiting
                </th>
                <th scope="col">Last batch</th>
                <th scope="col">Log quality</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((source) => (
                <Row key={source.id} source={source} state={stateOf(source, dataUpdatedAt)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ source, state }: { source: SourceHealth; state: HealthState }) {
  const { id, format, received, accepted, repeated, refused, delay_secs, last_received_at, origin, learned } = source;
  const problem = problemOf(source);
  return (
    <tr>
      <th scope="row">
        <code>{id}</code> <small className="muted">{format}</small>
        {problem && (
          <small className="caution">
            <Prose text={problem} />
          </small>
        )}
      </th>
      <td className="moment">
        <HealthMark state={state} /> {STATES[state]}
      </td>
      <td className="num" title={count(accepted)}>
        {compact(accepted)}
      </td>
      <td className="num">{compact(repeated)}</td>
      <td className={`num ${refused > 0 ? 'caution' : ''}`}>
        {refused === 0 ? '0' : `${compact(refused)} · ${ratio(refused, received)}`}
      </td>
      <td className="num">{delay_secs === null ? '–' : duration(Math.max(0, delay_secs))}</td>
      <td className="num">{origin ? bytes(origin.waiting_bytes) : '–'}</td>
      <td className="moment">{moment(last_received_at)}</td>
      <td>{learned?.quality ? <Gauge value={learned.quality.score} name={`quality of ${id}`} /> : '–'}</td>
    </tr>
  );
}

/** A shape per state beside its color; the word stands next to it or in its label. */
export function HealthMark({ state }: { state: HealthState }) {
  return (
    <svg className={`health-mark health-${state}`} width="12" height="12" viewBox="0 0 16 16" role="img">
      <title>{STATES[state]}</title>
      {state === 'ok' && <circle cx="8" cy="8" r="6" />}
      {state === 'idle' && <circle cx="8" cy="8" r="4.8" fill="none" stroke="currentColor" strokeWidth="2.4" />}
      {state === 'late' && <rect x="2" y="2" width="12" height="12" rx="2" />}
      {state === 'failing' && <path d="M8 1.5 15.3 14.3H.7Z" />}
    </svg>
  );
}
