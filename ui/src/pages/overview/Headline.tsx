import { Link } from '@tanstack/react-router';
import { type Report, visible } from '../../api/report';
import { narrow } from '../../facets';
import { compact, count, plural, span } from '../../format';
import { useExtras } from '../../ui/extras';
import { hasIncidents } from '../../ui/Shell';

/** The result in two sentences; each number leads to its list. */
export function Headline({ report }: { report: Report }) {
  const { OverviewTop } = useExtras();
  const incidents = report.counts.incidents || report.counts.detections;
  const urgent = report.openFindings.filter((one) => one.severity === 'critical' || one.severity === 'high').length;
  const open = { exposure: ['public'], auth: ['none'], kind: ['api'] };
  const unprotected = narrow(report, open, '').length;
  const leaking = narrow(report, { ...open, flag: ['sensitive'] }, '').length;
  const api = narrow(report, { kind: ['api'] }, '').length;
  return (
    <header className="headline">
      <p className="eyebrow">
        {OverviewTop ? 'API security' : 'API security report'} · {span(report.stats.first_seen, report.stats.last_seen)}
      </p>
      <h1>
        <span>
          You expose{' '}
          <Link to="/inventory" search={{ kind: ['api'] }}>
            {plural(api, 'API endpoint')}
          </Link>{' '}
          in {plural(report.services.length, 'service')}.
        </span>{' '}
        <span>
          {urgent > 0 ? (
            <Link to="/findings" search={{ severity: ['critical', 'high'] }} className="urgent">
              {urgent === 1 ? '1 finding needs' : `${count(urgent)} findings need`} action now
            </Link>
          ) : (
            <Link to="/findings">No finding needs action now</Link>
          )}
          .
        </span>
      </h1>
      <p className="lede">
        {unprotected > 0 ? (
          <>
            <Link to="/inventory" search={open}>
              {plural(unprotected, 'public API endpoint')}
            </Link>{' '}
            {unprotected === 1 ? 'answers' : 'answer'} without any credential
            {leaking > 0 && (
              <>
                ,{' '}
                <Link to="/inventory" search={{ ...open, flag: ['sensitive'] }}>
                  {count(leaking)} of them with sensitive data
                </Link>
              </>
            )}
            .{' '}
          </>
        ) : (
          `${nothingOpen(report)} `
        )}
        {hasIncidents(report) && (
          <>
            <Link to="/incidents" className="urgent">
              {plural(incidents, 'incident')}
            </Link>{' '}
            of abuse {incidents === 1 ? 'was' : 'were'} detected.{' '}
          </>
        )}
        Learned from {compact(report.stats.exchanges)} exchanges{' '}
        {report.restricted ? (
          'with the services that you own.'
        ) : (
          <>
            of{' '}
            <Link to="/actors" search={{}}>
              {plural(report.stats.actors, 'actor')}
            </Link>{' '}
            in <Link to="/sources">{plural(report.counts.sources, 'source')}</Link>.
          </>
        )}
        {report.baseline && ` ${sinceBaseline(report.baseline)}`}
      </p>
    </header>
  );
}

/** What an earlier analysis already had is not listed; it must not look as if it were gone. */
function sinceBaseline({ name, known, resolved, new_endpoints }: NonNullable<Report['baseline']>): string {
  return `Compared with ${name}: ${plural(known, 'known finding')} left out, ${count(resolved)} resolved, ${plural(new_endpoints, 'new endpoint')}.`;
}

function nothingOpen(report: Report): string {
  return visible(report).credentials
    ? 'No public API endpoint was seen to answer without a credential.'
    : 'These sources do not show credentials, so who may call is not known.';
}
