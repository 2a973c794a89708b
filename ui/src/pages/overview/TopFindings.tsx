import { Link } from '@tanstack/react-router';
import { groupBy, type Report } from '../../api/report';
import type { Finding } from '../../api/results';
import { count, plural } from '../../format';
import { Place } from '../../ui/FindingCard';
import { Empty, Panel } from '../../ui/Panel';
import { Prose } from '../../ui/Prose';
import { Severity } from '../../ui/Severity';

const SHOWN = 5;

/** The worst things, one line of each kind so that five hundred of the same do not hide the rest, with the next step. */
export function TopFindings({ report }: { report: Report }) {
  const groups = [...groupBy(report.openFindings, (finding) => finding.kind).values()].slice(0, SHOWN);
  return (
    <Panel
      title="Fix these first"
      className="span-7"
      action={groups.length > 0 && <Link to="/findings">All {plural(report.openFindings.length, 'finding')}</Link>}
    >
      {groups.length === 0 && (
        <Empty>No weakness was seen in this traffic. The blind spots below say what it cannot show.</Empty>
      )}
      <ol className="top-findings">
        {groups.map((group) => (
          <Row key={group[0]?.id} group={group} />
        ))}
      </ol>
    </Panel>
  );
}

function Row({ group }: { group: Finding[] }) {
  const [first] = group;
  if (!first) return null;
  return (
    <li className={`edge-${first.severity}`}>
      <p className="top-title">
        <Severity level={first.severity} />
        <Link to="/findings" search={{ kind: [first.kind] }}>
          {first.title}
        </Link>
      </p>
      <p className="top-place">
        <Place finding={first} />
        {group.length > 1 && (
          <Link to="/findings" search={{ kind: [first.kind] }} className="more-link">
            and {count(group.length - 1)} more
          </Link>
        )}
      </p>
      <p className="top-fix">
        <Prose text={first.fix} />
      </p>
    </li>
  );
}
