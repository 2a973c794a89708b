import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { classesOf, errorsOf, isApi, type Report } from '../api/report';
import type { Endpoint } from '../api/results';
import { useReport } from '../api/source';
import { authentication } from '../catalog';
import { FACETS, type FacetKey, narrow, tally } from '../facets';
import { compact, count, day, millis, plural, ratio } from '../format';
import type { InventorySearch } from '../search';
import { ClassChips, Exposure } from '../ui/Chips';
import { type Column, DataTable } from '../ui/DataTable';
import { EndpointLink } from '../ui/EndpointName';
import { FacetMenu } from '../ui/FacetMenu';
import { Icon } from '../ui/Icon';
import { Empty } from '../ui/Panel';
import { Score } from '../ui/Score';
import { SearchBox } from '../ui/SearchBox';

const route = getRouteApi('/inventory');

/** Every endpoint, searched, narrowed and sorted; the whole view is in the URL. */
export function Inventory() {
  const report = useReport('endpoints');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = search.q ?? '';
  const rows = useMemo(() => narrow(report, search, query), [report, search, query]);
  const columns = useMemo(() => columnsFor(report), [report]);
  const set = (change: Partial<InventorySearch>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false });
  return (
    <div className="page page-wide">
      <header className="page-head">
        <h1>Inventory</h1>
        <p className="muted" role="status">
          {rows.length === report.endpoints.length
            ? plural(rows.length, 'endpoint')
            : `${count(rows.length)} of ${plural(report.endpoints.length, 'endpoint')}`}
        </p>
      </header>
      <div className="filters">
        <SearchBox
          value={query}
          onChange={(q) => set({ q })}
          label="Search endpoints"
          placeholder="Path, service, data…"
        />
        {FACETS.filter((facet) => facet.key !== 'owner' || report.ownership).map((facet) => (
          <FacetMenu
            key={facet.key}
            label={facet.label}
            options={() => tally(report, facet, search, query)}
            chosen={search[facet.key] ?? []}
            name={facet.name}
            onChange={(chosen) => set({ [facet.key]: chosen })}
          />
        ))}
      </div>
      <Active search={search} onChange={set} />
      {report.cut.endpoints !== undefined && (
        <p className="notice">
          The {count(report.endpoints.length)} riskiest of {plural(report.cut.endpoints, 'endpoint')} are listed here.
          Hunts over the table <code>endpoints</code> and the API have all.
        </p>
      )}
      {rows.length === 0 ? (
        <Empty>No endpoint matches. Remove a filter or search for less.</Empty>
      ) : (
        <DataTable
          name="Endpoints"
          rows={rows}
          columns={columns}
          rowId={(endpoint) => endpoint.id}
          sort={search.sort ?? '-risk'}
          onSort={(sort) => set({ sort })}
        />
      )}
    </div>
  );
}

/** The filters in use, each with a way to drop it. */
function Active({ search, onChange }: { search: InventorySearch; onChange: (change: InventorySearch) => void }) {
  const active = FACETS.flatMap((facet) => (search[facet.key] ?? []).map((value) => ({ facet, value })));
  if (active.length === 0) return null;
  const without = (key: FacetKey, value: string) => onChange({ [key]: search[key]?.filter((one) => one !== value) });
  return (
    <ul className="active-filters" aria-label="Filters in use">
      {active.map(({ facet, value }) => (
        <li key={`${facet.key} ${value}`}>
          <button
            type="button"
            onClick={() => without(facet.key, value)}
            aria-label={`Remove filter ${facet.label}: ${facet.name(value)}`}
          >
            <small>{facet.label}</small> {facet.name(value)} <Icon name="close" size={11} />
          </button>
        </li>
      ))}
      <li>
        <button
          type="button"
          className="plain-button"
          onClick={() => onChange(Object.fromEntries(FACETS.map(({ key }) => [key, []])))}
        >
          Clear all
        </button>
      </li>
    </ul>
  );
}

/** Only where files that name owners were given. */
const OWNER: Column<Endpoint> = {
  id: 'owner',
  header: 'Owner',
  width: '9rem',
  className: 'narrow-out',
  value: (e) => e.owner?.name ?? '',
  cell: (e) => (e.owner ? <span title={e.owner.reason}>{e.owner.name}</span> : <span className="faint">nobody</span>),
};

function columnsFor(report: Report): readonly Column<Endpoint>[] {
  return [
    {
      id: 'risk',
      header: 'Risk',
      width: '7.2rem',
      descending: true,
      value: (e) => e.risk.score,
      cell: (e) => <Score value={e.risk.score} />,
    },
    {
      id: 'endpoint',
      header: 'Endpoint',
      className: 'main',
      value: (e) => `${e.template} ${e.method} ${e.service}`,
      cell: (e) => <EndpointLink endpoint={e} withService />,
    },
    ...(report.ownership ? [OWNER] : []),
    {
      id: 'exposure',
      header: 'Exposure',
      width: '7rem',
      className: 'medium',
      value: (e) => e.exposure,
      cell: (e) => <Exposure value={e.exposure} />,
    },
    {
      id: 'auth',
      header: 'Authentication',
      width: '9.5rem',
      className: 'narrow-out',
      value: (e) => e.authentication.join(),
      cell: (e) => (
        <span className={isApi(e) && e.authentication.includes('none') ? 'caution' : ''}>
          {e.authentication.map(authentication).join(' + ') || '–'}
        </span>
      ),
    },
    {
      id: 'data',
      header: 'Data',
      width: '13.5rem',
      className: 'medium',
      descending: true,
      value: (e) => classesOf(e, report).length,
      cell: (e) => <ClassChips names={classesOf(e, report)} report={report} max={2} />,
    },
    {
      id: 'findings',
      header: 'Findings',
      width: '5.8rem',
      className: 'num narrow-out',
      descending: true,
      value: (e) => e.findings.length,
      cell: (e) => e.findings.length || <span className="faint">0</span>,
    },
    {
      id: 'exchanges',
      header: 'Exchanges',
      width: '6.8rem',
      className: 'num',
      descending: true,
      value: (e) => e.exchanges,
      cell: (e) => <span title={count(e.exchanges)}>{compact(e.exchanges)}</span>,
    },
    {
      id: 'errors',
      header: 'Errors',
      width: '5.2rem',
      className: 'num wide',
      descending: true,
      value: (e) => errorsOf(e) / Math.max(1, e.exchanges),
      cell: (e) => ratio(errorsOf(e), e.exchanges),
    },
    {
      id: 'latency',
      header: 'p95',
      width: '5.6rem',
      className: 'num wide',
      descending: true,
      value: (e) => e.latency_ms?.p95 ?? -1,
      cell: (e) => (e.latency_ms ? millis(e.latency_ms.p95) : '–'),
    },
    {
      id: 'seen',
      header: 'Last seen',
      width: '7.6rem',
      className: 'num wide',
      descending: true,
      value: (e) => e.last_seen ?? '',
      cell: (e) => day(e.last_seen),
    },
  ];
}
