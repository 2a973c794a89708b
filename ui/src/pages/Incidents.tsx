import { getRouteApi, Link } from '@tanstack/react-router';
import { isUnderway, type Report, type TriagedIncident } from '../api/report';
import type { Detection } from '../api/results';
import { useReport } from '../api/source';
import { moment, percent, plural } from '../format';
import { IdentifierName } from '../ui/ActorName';
import { References } from '../ui/Chips';
import { EndpointLink } from '../ui/EndpointName';
import { useExtras } from '../ui/extras';
import { Evidence, Fix } from '../ui/FindingCard';
import { Empty, Panel } from '../ui/Panel';
import { Prose } from '../ui/Prose';
import { Severity } from '../ui/Severity';
import { StateChoice } from '../ui/StateChoice';

const route = getRouteApi('/incidents');

const STATES = [
  ['open', 'Open'],
  ['closed', 'Closed'],
  ['all', 'All'],
] as const;

/** Whether an incident is among those that the chosen state shows. */
function inState(incident: TriagedIncident, state: string): boolean {
  return state === 'all' || isUnderway(incident) === (state === 'open');
}

/** Matches of abuse, grouped by who did it. */
export function Incidents() {
  const report = useReport('incidents', 'endpoints');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const triaged = report.incidents.some((incident) => incident.triage !== undefined);
  const state = triaged ? (search.state ?? 'open') : 'all';
  const shown = report.incidents.filter((incident) => inState(incident, state));
  const byId = new Map(report.detections.map((detection) => [detection.id, detection]));
  const grouped = new Set(report.incidents.flatMap((incident) => incident.detections));
  const alone = state === 'closed' ? [] : report.detections.filter((detection) => !grouped.has(detection.id));
  const told = alone.length + shown.reduce((sum, incident) => sum + incident.detections.length, 0);
  return (
    <div className="page">
      <header className="page-head">
        <h1>Incidents</h1>
        <p className="muted" role="status">
          {plural(shown.length, 'incident')}, {plural(told, 'detection')}
        </p>
        {triaged && (
          <StateChoice
            choices={STATES.map(([id, name]) => [id, name, report.incidents.filter((one) => inState(one, id)).length])}
            chosen={state}
            onChange={(id) =>
              void navigate({ search: id === 'open' ? {} : { state: id }, replace: true, resetScroll: false })
            }
          />
        )}
      </header>
      {shown.length + alone.length === 0 && <Empty>{report.incidents.length === 0 ? NONE : NONE_IN[state]}</Empty>}
      {shown.map((incident) => (
        <IncidentPanel key={incident.id} incident={incident} byId={byId} report={report} />
      ))}
      {alone.map((detection) => (
        <DetectionCard key={detection.id} detection={detection} report={report} />
      ))}
    </div>
  );
}

const NONE = 'No abuse was detected.';
const NONE_IN: Record<string, string> = {
  open: 'No incident is open: every one was looked at.',
  closed: 'No incident was closed yet.',
};

interface Props {
  incident: TriagedIncident;
  byId: Map<string, Detection>;
  report: Report;
}

/** The story of one actor: what was recognized when, what to do, and the exchanges behind it. */
function IncidentPanel({ incident, byId, report }: Props) {
  const { IncidentTools } = useExtras();
  const detections = incident.detections.flatMap((id) => byId.get(id) ?? []);
  return (
    <Panel
      title={incident.title}
      className="incident"
      action={<Severity level={incident.severity} />}
      hint={<Facts incident={incident} detections={detections.length} />}
    >
      {detections.length > 0 && (
        <>
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
        </>
      )}
      {IncidentTools && <IncidentTools incident={incident} />}
    </Panel>
  );
}

/** How far it came, from when to when, and how much shows it. */
function Facts({ incident, detections }: { incident: TriagedIncident; detections: number }) {
  if (detections === 0) return <>Nothing of it is told any more.</>;
  const span =
    incident.started_at === incident.last_at
      ? moment(incident.started_at)
      : `${moment(incident.started_at)} to ${moment(incident.last_at)}`;
  return (
    <>
      {incident.stage && <span className="chip">{incident.stage}</span>} {span} UTC · {plural(detections, 'detection')}{' '}
      · {plural(incident.exchanges ?? 0, 'exchange')} as evidence
    </>
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
