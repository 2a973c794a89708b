import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { duration, plural } from '../../format';
import { Panel } from '../../ui/Panel';
import { Prose } from '../../ui/Prose';
import type { SourceHealth } from '../contract';
import { problemOf, stateOf } from '../health';
import { healthQuery } from '../queries';
import { HealthMark } from '../SourcesTop';

const SHOWN = 4;
const WORST_FIRST = ['failing', 'late', 'idle', 'ok'];

/** Whether traffic comes from where it should; the unwell first. */
export function SourcesNow() {
  const { data, error, dataUpdatedAt } = useQuery(healthQuery);
  const all = (data?.items ?? [])
    .map((source) => ({ source, state: stateOf(source, dataUpdatedAt), problem: problemOf(source) }))
    .sort((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state));
  return (
    <Panel title="Sources now" className="span-4" action={<Link to="/sources">All details</Link>}>
      {error && <p className="muted">{error.message}</p>}
      {data?.refused && <p className="muted">{data.refused}</p>}
      {data && !data.refused && all.length === 0 && (
        <p className="muted">
          No source yet. Push exchanges to <code>/v1/exchanges</code> or let a file be followed.
        </p>
      )}
      <ul className="health">
        {all.slice(0, SHOWN).map(({ source, state, problem }) => (
          <li key={source.id}>
            <HealthMark state={state} />
            <span className="health-name" title={source.id}>
              {source.id}
            </span>
            <small className={problem ? 'caution' : 'muted'}>{problem ? <Prose text={problem} /> : said(source)}</small>
          </li>
        ))}
      </ul>
      {all.length > SHOWN && <p className="muted small">{plural(all.length - SHOWN, 'more source')}</p>}
    </Panel>
  );
}

function said({ delay_secs, refused, accepted }: SourceHealth): string {
  const parts = [
    plural(accepted, 'exchange'),
    delay_secs !== null && delay_secs > 5 && `${duration(delay_secs)} behind`,
    refused > 0 && `${plural(refused, 'record')} refused`,
  ];
  return parts.filter(Boolean).join(' · ');
}
