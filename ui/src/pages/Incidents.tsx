import { Link } from '@tanstack/react-router';
import type { Report } from '../api/report';
import type { Detection, Incident } from '../api/results';
import { useReport } from '../api/source';
import { moment, percent, plural } from '../format';
import { IdentifierName } from '../ui/ActorName';
import { References } from '../ui/Chips';
import { EndpointLink } from '../ui/EndpointName';
import { Evidence, Fix } from '../ui/FindingCard';
import { Empty, Panel } from '../ui/Panel';
import { Prose } from '../ui/Prose';
import { Severity } from '../ui/Severity';

/** Matches of abuse, grouped by who did it. */
export function Incidents() {
  const report = useReport('incidents', 'endpoints');
  const byId = new Map(report.detections.map((detection) => [detection.id, detection]));
  const grouped = new Set(report.incidents.flatMap((incident) => incident.detections));
  const alone = report.detections.filter((detection) => !grouped.has(detection.id));
  return (
    <div className="page">
      <header className="page-head">
        <h1>Incidents</h1>
        <p className="muted">
          {plural(report.incidents.length, 'incident')}, {plural(report.detections.length, 'detection')}
        </p>
      </header>
      {report.detections.length === 0 && <Empty>No abuse was detected.</Empty>}
      {report.incidents.map((incident) => (
        <IncidentPanel key={incident.id} incident={incident} byId={byId} report={report} />
      ))}
      {alone.map((detection) => (
        <DetectionCard key={detection.id} detection={detection} report={report} />
      ))}
    </div>
  );
}

/** The story of one actor: what was recognized when, what to do, and the exchanges behind it. */
function IncidentPanel({
  incident,
  byId,
  report,
}: {
  incident: Incident;
  byId: Map<string, Detection>;
  report: Report;
}) {
  const detections = incident.detections.flatMap((id) => byId.get(id) ?? []);
  const span =
    incident.started_at === incident.last_at
      ? moment(incident.started_at)
      : `${moment(incident.started_at)} to ${moment(incident.last_at)}`;
  return (
    <Panel
      title={incident.title}
      className="incident"
      anchor={incident.id}
      action={<Severity level={incident.severity} />}
      hint={
        <>
          {incident.stage && <span className="chip">{incident.stage}</span>} {span} UTC ·{' '}
          {plural(detections.length, 'detection')} · {plural(incident.exchanges ?? 0, 'exchange')} as evidence
        </>
      }
    >
      <ol className="story">
        {detections.map((detection) => (
          <li key={detection.id} className={`edge-${detection.severity}`}>
            <time dateTime={detection.at ?? undefined}>{moment(detection.at)}</time>
            <strong>{detection.title}</strong>
            <span>
              <Prose text={detection.explanation} />
            </span>
          </li>
        ))}
      </ol>
      <details>
        <summary>Evidence and what to do</summary>
        {detections.map((detection) => (
          <DetectionCard key={detection.id} detection={detection} report={report} />
        ))}
      </details>
    </Panel>
  );
}

function DetectionCard({ detection, report }: { detection: Detection; report: Report }) {
  const endpoint = report.endpointById.get(detection.endpoint);
  return (
    <article className={`finding edge-${detection.severity}`} aria-label={detection.title}>
      <header>
        <Severity level={detection.severity} />
        <h3>{detection.title}</h3>
        {endpoint && <EndpointLink endpoint={endpoint} withService />}
        <span className="finding-facts">
          {moment(detection.at)} UTC · {percent(detection.confidence)} sure
        </span>
      </header>
      <p>
        <Link
          className="identifiers"
          to="/actors"
          search={{ q: detection.actor.identifiers[0]?.value ?? detection.actor.id }}
        >
          {detection.actor.identifiers.map((identifier) => (
            <IdentifierName key={`${identifier.kind} ${identifier.value}`} identifier={identifier} />
          ))}
        </Link>
      </p>
      <p>
        <Prose text={detection.explanation} />
      </p>
      <Evidence items={detection.evidence} report={report} />
      {detection.response.length > 0 && <Fix text={detection.response.join('. ')} />}
      <References owasp={detection.owasp} cwe={detection.attack} compliance={[]} />
    </article>
  );
}
