import { Link } from '@tanstack/react-router';
import type { Report } from '../../api/report';
import type { AbuseCase } from '../../api/results';
import { label } from '../../catalog';
import { count, plural, sentence } from '../../format';
import { Icon } from '../../ui/Icon';
import { Panel } from '../../ui/Panel';
import { Prose } from '../../ui/Prose';
import { Severity } from '../../ui/Severity';

/** Incidents named before the rest is counted. */
const SHOWN = 5;

/** Detectors that watch, those that alarmed first, and the incidents that came of it. */
export function WatchedBy({ one, report }: { one: AbuseCase; report: Report }) {
  const incidents = report.incidents.filter(({ id }) => one.incidents.includes(id));
  return (
    <Panel
      title="Watched by"
      hint={
        one.detections > 0
          ? `${plural(one.detections, 'detection')} here so far.`
          : one.watched.length > 0
            ? 'None of them has alarmed here.'
            : undefined
      }
    >
      {one.watched.length === 0 && <p className="muted">No detector can say anything here: the reasons are below.</p>}
      {incidents.length > 0 && (
        <ul className="abuse-incidents" aria-label="Incidents here">
          {incidents.slice(0, SHOWN).map((incident) => (
            <li key={incident.id}>
              <Severity level={incident.severity} />
              <Link to="/incidents" hash={incident.id}>
                {incident.title}
              </Link>
            </li>
          ))}
          {incidents.length > SHOWN && (
            <li>
              <Link to="/incidents">{count(incidents.length - SHOWN)} more</Link>
            </li>
          )}
        </ul>
      )}
      <ul className="watchers" aria-label="Detectors that watch">
        {one.watched.map(({ kind, detections, limit }) => (
          <li key={kind} className={detections > 0 ? 'alarmed' : ''}>
            <Icon name={detections > 0 ? 'incidents' : 'eye'} size={15} />
            <span>
              {label(kind)} {detections > 0 && <b>{plural(detections, 'detection')}</b>}
              {limit && (
                <small className="muted">
                  <Prose text={sentence(limit)} />
                </small>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What nobody watches, with the reason; last what no traffic shows. */
export function NotWatched({ one }: { one: AbuseCase }) {
  return (
    <Panel title="Not watched">
      <ul className="abuse-gaps">
        {one.unwatched.map(({ kinds, reason }) => (
          <li key={reason}>
            <p>
              {kinds.length === 0 && <strong>In no traffic: </strong>}
              <Prose text={reason} />
            </p>
            {kinds.length > 0 && (
              <span className="chips">
                {kinds.map((kind) => (
                  <span key={kind} className="chip tag">
                    {label(kind)}
                  </span>
                ))}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
