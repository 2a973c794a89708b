import { getRouteApi, Link } from '@tanstack/react-router';
import type { AbuseCase } from '../api/results';
import { useReport } from '../api/source';
import { count, plural } from '../format';
import { Icon } from '../ui/Icon';
import { Empty } from '../ui/Panel';
import { usePrinting } from '../ui/printing';
import { Score } from '../ui/Score';
import { SeverityMark } from '../ui/Severity';
import { CaseDetail } from './abuse/CaseDetail';

const route = getRouteApi('/abuse');

/** What each business function would be abused for, and who would notice: a list, and one of it whole. */
export function AbuseCases() {
  const report = useReport('abuse', 'incidents');
  const cases = report.abuse_cases;
  const printing = usePrinting();
  const wanted = route.useSearch().case;
  const chosen = cases.find(({ id }) => id === wanted) ?? cases[0];
  return (
    <div className={`page page-wide abuse ${wanted ? 'abuse-chosen' : ''}`}>
      <header className="page-head">
        <h1>Abuse cases</h1>
        <p className="muted">
          What each business function would be abused for, who would notice, and what nobody watches.
        </p>
      </header>
      {chosen ? (
        <div className="abuse-columns">
          <CaseList cases={cases} chosen={chosen} />
          {/* Paper has no links: it shows all of them. */}
          {(printing ? cases : [chosen]).map((one) => (
            <CaseDetail key={one.id} case={one} report={report} />
          ))}
        </div>
      ) : (
        <Empty>No business function was recognized in the paths, nor personal data in the answers.</Empty>
      )}
    </div>
  );
}

function CaseList({ cases, chosen }: { cases: AbuseCase[]; chosen: AbuseCase }) {
  const services = new Set(cases.map(({ service }) => service)).size;
  return (
    <nav className="abuse-list" aria-label="Business functions, worst first">
      <p className="muted small">
        {plural(cases.length, 'function')} in {plural(services, 'service')}, worst first
      </p>
      <ul>
        {cases.map((one) => (
          <li key={one.id}>
            <Link
              to="/abuse"
              search={{ case: one.id }}
              className="abuse-entry"
              aria-current={one === chosen ? 'true' : undefined}
            >
              <span className="abuse-entry-name">{one.title}</span>
              <Score value={one.risk} />
              <span className="abuse-entry-more">
                <span className="abuse-entry-service">{one.service}</span>
                <Seen one={one} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** What happened there already, else how much of it is watched. */
function Seen({ one }: { one: AbuseCase }) {
  if (one.detections > 0) {
    return (
      <span className={`abuse-entry-seen sev-${one.severity} abuse-happened`}>
        <SeverityMark level={one.severity} /> {plural(one.detections, 'detection')}
      </span>
    );
  }
  const blind = one.unwatched.reduce((sum, { kinds }) => sum + kinds.length, 0);
  return (
    <span className="abuse-entry-seen">
      <Icon name="eye" size={13} /> {count(one.watched.length)} of {count(one.watched.length + blind)}
      <span className="sr"> detectors watch</span>
    </span>
  );
}
