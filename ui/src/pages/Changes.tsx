import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { groupBy } from '../api/report';
import { label } from '../catalog';
import { count, day, plural } from '../format';
import { ChangeLine } from '../served/ChangeLine';
import type { Change } from '../served/contract';
import { changesQuery } from '../served/queries';
import { FacetMenu } from '../ui/FacetMenu';
import { Empty, Panel } from '../ui/Panel';

const route = getRouteApi('/changes');

/** Changes asked for; older ones are found by a hunt over the table `changes`. */
const ASKED = 500;
const SHOWN = 100;

/** The change log of the inventory, newest first: what appeared, what is answered differently now. */
export function Changes() {
  const { data } = useSuspenseQuery(changesQuery(ASKED));
  const { kind: kinds = [] } = route.useSearch();
  const navigate = route.useNavigate();
  const [shown, setShown] = useState(SHOWN);
  const fitting = data.items.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  const days = [...groupBy(fitting.slice(0, shown), ({ at }) => day(at))];
  return (
    <div className="page">
      <header className="page-head">
        <h1>Changes</h1>
        <p className="muted" role="status">
          {kinds.length > 0 ? `${count(fitting.length)} of ` : ''}
          {data.next_cursor ? 'the newest ' : ''}
          {plural(data.items.length, 'change')}
        </p>
      </header>
      <div className="filters">
        <FacetMenu
          label="Kind"
          options={() => tally(data.items)}
          chosen={kinds}
          name={label}
          onChange={(kind) => void navigate({ search: { kind }, replace: true, resetScroll: false })}
        />
      </div>
      {fitting.length === 0 && (
        <Empty>
          {data.items.length === 0 ? 'Nothing changed since Vedette watches.' : 'No change is of this kind.'}
        </Empty>
      )}
      {days.map(([date, changes]) => (
        <Panel key={date} title={date} action={<span className="muted small">{plural(changes.length, 'change')}</span>}>
          <ol className="changes">
            {changes.map((change) => (
              <ChangeLine key={change.number} change={change} />
            ))}
          </ol>
        </Panel>
      ))}
      {fitting.length > shown && (
        <button type="button" className="more-button" onClick={() => setShown(shown + SHOWN)}>
          Show {count(Math.min(SHOWN, fitting.length - shown))} of {count(fitting.length - shown)} more
        </button>
      )}
    </div>
  );
}

function tally(changes: Change[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { kind } of changes) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
