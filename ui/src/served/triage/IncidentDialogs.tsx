import { type FormEvent, useState } from 'react';
import type { Verdict } from '../../api/api';
import type { TriagedIncident } from '../../api/report';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { useMe } from '../session';
import type { useDecide } from './deciding';
import { Reason } from './JudgeDialog';
import { VERDICTS } from './verdicts';

interface Props {
  incident: TriagedIncident;
  decide: ReturnType<typeof useDecide<'incidents'>>;
  onClose: () => void;
}

/** Asks what it was and why it can be closed. */
export function CloseDialog({ incident, decide, onClose }: Props) {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '').trim();
    if (!reason) return;
    const told = verdict ? `Closed it: ${VERDICTS[verdict].name}.` : 'Closed it.';
    decide(incident, { state: 'closed', verdict, reason }, { told, undo: { state: 'open' } });
    onClose();
  };
  return (
    <Dialog title="Close the incident" onClose={onClose}>
      <form onSubmit={submit} className="form">
        <p className="muted">{incident.title}</p>
        <fieldset className="choices choices-column">
          <legend>What was it?</legend>
          {Object.entries(VERDICTS).map(([id, { when }]) => (
            <label key={id}>
              <input type="radio" name="verdict" checked={verdict === id} onChange={() => setVerdict(id as Verdict)} />{' '}
              {when}
            </label>
          ))}
          <label>
            <input type="radio" name="verdict" checked={verdict === null} onChange={() => setVerdict(null)} /> I cannot
            say
          </label>
        </fieldset>
        <p className="muted small" role="status">
          {verdict ? VERDICTS[verdict].teaches : 'Nothing is learned from it. It opens again when more comes.'}
        </p>
        <Reason label="Reason" required hint="Whoever reads this next year should understand it." />
        <p className="form-end">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-main">
            Close it
          </button>
        </p>
      </form>
    </Dialog>
  );
}

/** Asks who takes care of it. */
export function OwnerDialog({ incident, decide, onClose }: Props) {
  const me = useMe();
  const before = incident.triage?.owner ?? null;
  const give = (owner: string | null) => {
    const told = owner ? `Gave it to ${owner}.` : 'It now has no owner.';
    decide(incident, { owner }, { told, undo: { owner: before } });
    onClose();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    give(String(new FormData(event.currentTarget).get('owner') ?? '').trim() || null);
  };
  return (
    <Dialog title="Give the incident to…" onClose={onClose}>
      <form onSubmit={submit} className="form">
        <p className="muted">{incident.title}</p>
        <Field
          label="Owner"
          name="owner"
          defaultValue={before ?? ''}
          hint="A person or team; empty for nobody."
          autoFocus
        />
        {me.kind === 'user' && (
          <p>
            <button type="button" className="plain-button" onClick={() => give(me.name)}>
              Take it myself
            </button>
          </p>
        )}
        <p className="form-end">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-main">
            Assign
          </button>
        </p>
      </form>
    </Dialog>
  );
}
