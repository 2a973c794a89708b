import { useState } from 'react';
import type { TriagedIncident } from '../../api/report';
import { day } from '../../format';
import { Icon } from '../../ui/Icon';
import { useMay } from '../session';
import { Comments } from './Comments';
import { pathOf, useDecide } from './deciding';
import { CloseDialog, OwnerDialog } from './IncidentDialogs';
import { VERDICTS } from './verdicts';

const WORDS = { open: 'Open', closed: 'Closed', reopened: 'Reopened' } as const;
const MEANS = {
  open: 'Nobody closed it yet',
  closed: 'Somebody looked at it and closed it',
  reopened: 'It was closed, and more came',
} as const;

/** What was decided about an incident, and what may be decided now. */
export function IncidentTools({ incident }: { incident: TriagedIncident }) {
  const { may } = useMay('triage');
  const decide = useDecide('incidents');
  const [asked, setAsked] = useState<'close' | 'owner' | null>(null);
  const [talking, setTalking] = useState(false);
  const { triage } = incident;
  if (!triage) return null;
  const { state, verdict, reason, owner } = triage;
  const open = () =>
    decide(incident, { state: 'open' }, { told: 'Opened it again.', undo: { state: 'closed', verdict, reason } });
  return (
    <div className="triage">
      <div className="triage-line">
        <span className={`chip state state-${state}`} title={MEANS[state]}>
          {WORDS[state]}
          {state === 'closed' && verdict && `: ${VERDICTS[verdict].name}`}
        </span>
        <span className="triage-said muted small">
          {owner && <span>Owner {owner}</span>}
          {triage.updated_by && state !== 'open' && (
            <span>
              {triage.updated_by}, {day(triage.updated_at)}
            </span>
          )}
        </span>
        <span className="triage-do">
          {may && state !== 'closed' && (
            <button type="button" className="plain-button" onClick={() => setAsked('close')}>
              Close…
            </button>
          )}
          {may && state === 'closed' && (
            <button type="button" className="plain-button" onClick={open}>
              Open again
            </button>
          )}
          {may && (
            <button type="button" className="plain-button" onClick={() => setAsked('owner')}>
              {owner ? 'Owner…' : 'Assign…'}
            </button>
          )}
          <button type="button" className="plain-button" aria-expanded={talking} onClick={() => setTalking(!talking)}>
            <Icon name="comment" size={14} /> Comments
          </button>
        </span>
      </div>
      {reason && <p className="triage-reason">“{reason}”</p>}
      {talking && <Comments path={pathOf('incidents', incident.id)} />}
      {asked === 'close' && <CloseDialog incident={incident} decide={decide} onClose={() => setAsked(null)} />}
      {asked === 'owner' && <OwnerDialog incident={incident} decide={decide} onClose={() => setAsked(null)} />}
    </div>
  );
}
