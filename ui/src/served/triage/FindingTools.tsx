import { useState } from 'react';
import type { TriagedFinding } from '../../api/report';
import { day } from '../../format';
import { Icon } from '../../ui/Icon';
import { useMay } from '../session';
import { Comments } from './Comments';
import { useDesk } from './Desk';
import { StateChip } from './StateChip';

/** What was decided about a finding, and what may be decided now. */
export function FindingTools({ finding }: { finding: TriagedFinding }) {
  const desk = useDesk();
  const { may } = useMay('triage');
  const [talking, setTalking] = useState(false);
  const { triage } = finding;
  if (!triage) return null;
  const open = triage.state === 'open' || triage.state === 'reopened';
  const findings = [finding];
  return (
    <div className="triage">
      <div className="triage-line">
        {may && (
          <label className="triage-tick">
            <input
              type="checkbox"
              checked={desk.ticked.has(finding.id)}
              onChange={(event) => desk.tick(findings, event.target.checked)}
            />
            <span className="sr">Select {finding.place}</span>
          </label>
        )}
        <StateChip triage={triage} />
        <span className="triage-said muted small">
          {triage.owner && <span>Owner {triage.owner}</span>}
          {triage.updated_by && !(triage.state === 'open') && (
            <span>
              {triage.updated_by}, {day(triage.updated_at)}
            </span>
          )}
        </span>
        <span className="triage-do">
          {may && open && (
            <button type="button" className="plain-button" onClick={() => desk.ask({ what: 'accept', findings })}>
              Accept…
            </button>
          )}
          {may && open && (
            <button type="button" className="plain-button" onClick={() => desk.ask({ what: 'resolve', findings })}>
              Resolve…
            </button>
          )}
          {may && !open && (
            <button
              type="button"
              className="plain-button"
              onClick={() => desk.apply(findings, { state: 'open', reason: null, until: null })}
            >
              Open again
            </button>
          )}
          {may && (
            <button type="button" className="plain-button" onClick={() => desk.ask({ what: 'owner', findings })}>
              {triage.owner ? 'Owner…' : 'Assign…'}
            </button>
          )}
          <button type="button" className="plain-button" aria-expanded={talking} onClick={() => setTalking(!talking)}>
            <Icon name="comment" size={14} /> Comments
          </button>
        </span>
      </div>
      {triage.reason && <p className="triage-reason">“{triage.reason}”</p>}
      {talking && <Comments path={`/v1/findings/${encodeURIComponent(finding.id)}`} />}
    </div>
  );
}
