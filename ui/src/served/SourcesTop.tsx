import { useSuspenseQuery } from '@tanstack/react-query';
import { compact, count, duration, moment, ratio } from '../format';
import { Gauge } from '../ui/Gauge';
import { Empty, Panel } from '../ui/Panel';
import type { SourceHealth } from './contract';
import { healthQuery } from './queries';

const STATES = {
  ok: 'Receiving',
  idle: 'Idle',
  late: 'Late',
  failing: 'Failing',
  paused: 'Paused',
} as const;

/** How each source is doing now. */
export function SourcesTop() {
  const { data } = useSuspenseQuery(healthQuery);
  return (
    <Panel title="Now" hint="What came in since the server started. Times in UTC.">
      {data.items.length === 0 ? (
        <Empty>No source yet. Push exchanges to `/v1/exchanges` or let a file be followed.</Empty>
      ) : (
        <div className="scroll-x">
          <table className="plain" aria-label="Health of sources">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col">State</th>
                <th scope="col" className="num">
                  Received
                </th>
                <th scope="col" className="num">
                  Refused
                </th>
                <th scope="col" className="num">
                  Delay
                </th>
                <th scope="col">Last seen</th>
                <th scope="col">Log quality</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((source) => (
                <Row key={source.id} source={source} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ source }: { source: SourceHealth }) {
  const { name, kind, state, received, refused, delay_secs, last_seen, quality, problem } = source;
  return (
    <tr>
      <th scope="row">
        <code>{name}</code> <small className="muted">{kind}</small>
        {problem && <small className="caution">{problem}</small>}
      </th>
      <td>
        <HealthMark state={state} /> {STATES[state] ?? state}
      </td>
      <td className="num" title={count(received)}>
        {compact(received)}
      </td>
      <td className={`num ${refused > 0 ? 'caution' : ''}`}>
        {refused === 0 ? '0' : `${compact(refused)} · ${ratio(refused, received)}`}
      </td>
      <td className="num">{delay_secs === null ? '–' : duration(delay_secs)}</td>
      <td>{moment(last_seen)}</td>
      <td>{quality === null ? '–' : <Gauge value={quality} name={`quality of ${name}`} />}</td>
    </tr>
  );
}

/** A shape per state beside its color; the word stands next to it or in its label. */
export function HealthMark({ state }: { state: SourceHealth['state'] }) {
  return (
    <svg className={`health-mark health-${state}`} width="12" height="12" viewBox="0 0 16 16" role="img">
      <title>{STATES[state] ?? state}</title>
      {state === 'ok' && <circle cx="8" cy="8" r="6" />}
      {state === 'idle' && <circle cx="8" cy="8" r="4.8" fill="none" stroke="currentColor" strokeWidth="2.4" />}
      {state === 'late' && <rect x="2" y="2" width="12" height="12" rx="2" />}
      {state === 'failing' && <path d="M8 1.5 15.3 14.3H.7Z" />}
      {state === 'paused' && <path d="M3 2h3.6v12H3ZM9.4 2H13v12H9.4Z" />}
    </svg>
  );
}
