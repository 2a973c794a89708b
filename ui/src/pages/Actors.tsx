import { getRouteApi } from '@tanstack/react-router';
import { type ComponentType, useMemo } from 'react';
import type { TriagedActor } from '../api/report';
import { useReport } from '../api/source';
import { label } from '../catalog';
import { compact, count, moment, plural, ratio } from '../format';
import type { ListSearch } from '../search';
import { IdentifierName } from '../ui/ActorName';
import { type Column, DataTable } from '../ui/DataTable';
import { useExtras } from '../ui/extras';
import { Empty } from '../ui/Panel';
import { SearchBox } from '../ui/SearchBox';

const route = getRouteApi('/actors');

/** Who calls: the most active actors with all that identifies them. */
export function Actors() {
  const report = useReport('actors');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = (search.q ?? '').toLowerCase();
  const rows = useMemo(() => report.actors.filter((actor) => textOf(actor).includes(query)), [report, query]);
  const { ActorTools } = useExtras();
  const columns = useMemo(() => (ActorTools ? withState(ActorTools) : COLUMNS), [ActorTools]);
  const set = (change: ListSearch) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false });
  return (
    <div className="page">
      <header className="page-head">
        <h1>Actors</h1>
        <p className="muted" role="status">
          {query ? `${count(rows.length)} of ` : ''}
          {plural(report.actors.length, 'most active actor')} of about {compact(report.stats.actors)}
        </p>
      </header>
      <div className="filters">
        <SearchBox
          value={search.q ?? ''}
          onChange={(q) => set({ q })}
          label="Search actors"
          placeholder="Search user, client, address, agent…"
        />
      </div>
      {rows.length === 0 ? (
        <Empty>
          {report.refused.actors ?? (report.actors.length === 0 ? 'The sources name no callers.' : 'No actor matches.')}
        </Empty>
      ) : (
        <DataTable
          name="Actors"
          rows={rows}
          columns={columns}
          rowId={(actor) => actor.id}
          sort={search.sort ?? '-exchanges'}
          onSort={(sort) => set({ sort })}
        />
      )}
    </div>
  );
}

function textOf(actor: TriagedActor): string {
  const identifiers = actor.identifiers.map(({ kind, value }) => `${kind} ${value}`).join(' ');
  return `${actor.id} ${actor.kind} ${identifiers} ${actor.agent ?? ''}`.toLowerCase();
}

/** The columns with what people decided, after who it is. */
function withState(Tools: ComponentType<{ actor: TriagedActor }>): readonly Column<TriagedActor>[] {
  const state: Column<TriagedActor> = {
    id: 'state',
    header: 'State',
    width: '7.5rem',
    descending: true,
    value: (a) => a.triage?.state ?? '',
    cell: (a) => <Tools actor={a} />,
  };
  return COLUMNS.flatMap((column) => (column.id === 'kind' ? [state, column] : [column]));
}

const errorShare = (actor: TriagedActor) => actor.errors / Math.max(1, actor.exchanges);

const COLUMNS: readonly Column<TriagedActor>[] = [
  {
    id: 'actor',
    header: 'Actor',
    className: 'main',
    value: (a) => a.identifiers[0]?.value ?? a.id,
    cell: (a) => (
      <span className="identifiers">
        {a.identifiers.map((identifier) => (
          <IdentifierName key={`${identifier.kind} ${identifier.value}`} identifier={identifier} />
        ))}
      </span>
    ),
  },
  {
    id: 'kind',
    header: 'Kind',
    width: '6rem',
    className: 'narrow-out',
    value: (a) => a.kind,
    cell: (a) => label(a.kind),
  },
  {
    id: 'agent',
    header: 'Agent',
    width: '10rem',
    className: 'medium',
    value: (a) => a.agent ?? '',
    cell: (a) => a.agent ?? '–',
  },
  {
    id: 'exchanges',
    header: 'Exchanges',
    width: '6.5rem',
    className: 'num',
    descending: true,
    value: (a) => a.exchanges,
    cell: (a) => <span title={count(a.exchanges)}>{compact(a.exchanges)}</span>,
  },
  {
    id: 'errors',
    header: 'Errors',
    width: '5rem',
    className: 'num',
    descending: true,
    value: errorShare,
    cell: (a) => <span className={errorShare(a) > 0.5 ? 'caution' : ''}>{ratio(a.errors, a.exchanges)}</span>,
  },
  {
    id: 'endpoints',
    header: 'Endpoints',
    width: '6.5rem',
    className: 'num narrow-out',
    descending: true,
    value: (a) => a.endpoints,
    cell: (a) => compact(a.endpoints),
  },
  {
    id: 'addresses',
    header: 'Addresses',
    width: '6.5rem',
    className: 'num narrow-out',
    descending: true,
    value: (a) => a.addresses,
    cell: (a) => compact(a.addresses),
  },
  {
    id: 'last',
    header: 'Last seen',
    width: '10.5rem',
    className: 'num medium',
    descending: true,
    value: (a) => a.last_seen ?? '',
    cell: (a) => moment(a.last_seen),
  },
];
