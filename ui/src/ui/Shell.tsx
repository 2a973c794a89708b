import { Link, Outlet } from '@tanstack/react-router';
import { Suspense } from 'react';
import type { Report } from '../api/report';
import { useReport } from '../api/source';
import { count, moment, plural, span } from '../format';
import { useExtras } from './extras';
import { Icon, type IconName } from './Icon';
import { Logo } from './Logo';
import { ThemeToggle } from './ThemeToggle';

/** The frame of every page. */
export function Shell() {
  return (
    <Suspense fallback={<p className="opening">Opening the report…</p>}>
      <Frame />
    </Suspense>
  );
}

function Frame() {
  const report = useReport();
  const { entries = [], Foot, SpecsPage } = useExtras();
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to content
      </button>
      <header className="side">
        <Link to="/" className="brand">
          <Logo />
          <span>Vedette</span>
        </Link>
        <nav aria-label="Pages">
          <Entry to="/" icon="overview" text="Overview" />
          <Entry to="/inventory" icon="inventory" text="Inventory" number={report.counts.endpoints} />
          <Entry to="/findings" icon="findings" text="Findings" number={report.counts.findings} />
          {report.counts.gateways > 0 && (
            <Entry to="/gateways" icon="gateways" text="Gateways" number={report.counts.gateways} />
          )}
          {hasIncidents(report) && (
            <Entry to="/incidents" icon="incidents" text="Incidents" number={report.counts.incidents} />
          )}
          <Entry to="/abuse" icon="abuse" text="Abuse cases" />
          {/* Lists that cannot be limited to some services are not shown to who sees only some. */}
          {!report.restricted && <Entry to="/compliance" icon="compliance" text="Compliance" />}
          {!report.restricted && <Entry to="/actors" icon="actors" text="Actors" number={report.counts.actors} />}
          {(report.counts.specs > 0 || SpecsPage) && (
            <Entry to="/specs" icon="specs" text="Specifications" number={report.counts.specs || undefined} />
          )}
          {!report.restricted && <Entry to="/sources" icon="sources" text="Sources" number={report.counts.sources} />}
          {entries.map((entry) => (
            <Entry key={entry.to} {...entry} />
          ))}
        </nav>
        <div className="side-foot">
          {Foot && <Foot />}
          <div className="tools">
            <ThemeToggle />
            <button type="button" className="tool" onClick={() => print()} title="Print this page">
              <Icon name="print" size={16} />
              <span className="sr">Print this page</span>
            </button>
          </div>
          <p className="colophon">
            {plural(report.stats.exchanges, 'exchange')}
            <br />
            {span(report.stats.first_seen, report.stats.last_seen)}
            <br />
            Vedette {report.vedette}
          </p>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <p className="print-head">
          Vedette report · {count(report.stats.exchanges)} exchanges · {moment(report.stats.first_seen)} to{' '}
          {moment(report.stats.last_seen)} UTC
        </p>
        {report.partial && (
          <p className="notice warn" role="status">
            <b>Partial result.</b> The run was interrupted: every number covers what was read until then.
          </p>
        )}
        <Suspense fallback={<p className="opening">Loading…</p>}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}

export function hasIncidents(report: Report): boolean {
  return report.counts.incidents > 0 || report.counts.detections > 0;
}

type To =
  | '/'
  | '/inventory'
  | '/findings'
  | '/gateways'
  | '/incidents'
  | '/abuse'
  | '/compliance'
  | '/actors'
  | '/specs'
  | '/sources'
  | '/hunt'
  | '/changes';

function Entry({ to, icon, text, number }: { to: To; icon: IconName; text: string; number?: number }) {
  return (
    <Link to={to} className="entry" activeOptions={{ exact: to === '/', includeSearch: false }}>
      <Icon name={icon} />
      <span>{text}</span>
      {number !== undefined && <span className="entry-count">{count(number)}</span>}
    </Link>
  );
}
