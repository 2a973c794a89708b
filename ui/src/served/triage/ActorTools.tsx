import { type FormEvent, useState } from 'react';
import type { ActorState } from '../../api/api';
import type { TriagedActor } from '../../api/report';
import { day } from '../../format';
import { IdentifierName } from '../../ui/ActorName';
import { Dialog } from '../../ui/Dialog';
import { useMay } from '../session';
import { useDecide } from './deciding';
import { Reason } from './JudgeDialog';

const STATES: Record<ActorState, { name: string; means: string }> = {
  watched: { name: 'Watched', means: 'Somebody keeps an eye on it.' },
  suspended: { name: 'Suspended', means: 'It should do nothing until somebody has looked.' },
  allowed: { name: 'Allowed', means: 'What it does is as it should be: no detection of it is told.' },
  denied: { name: 'Denied', means: 'It should do nothing.' },
};

const DAY_MS = 86_400_000;
const ENDS: readonly [days: number, text: string][] = [
  [7, '7 days'],
  [30, '30 days'],
  [90, '90 days'],
  [0, 'until somebody decides otherwise'],
];

/** What was decided about an actor; who may, decides. */
export function ActorTools({ actor }: { actor: TriagedActor }) {
  const { may } = useMay('triage');
  const [asked, setAsked] = useState(false);
  const { triage } = actor;
  if (!triage) return null;
  const { state, until, reason } = triage;
  const end = until && `Until ${day(until)}.`;
  const chip = state && (
    <span className={`chip state state-${state}`} title={[STATES[state].means, reason, end].filter(Boolean).join(' ')}>
      {STATES[state].name}
    </span>
  );
  if (!may) return chip ?? '–';
  const name = actor.identifiers[0]?.value ?? actor.id;
  return (
    <>
      <button
        type="button"
        className={state ? 'plain-button' : 'plain-button undecided'}
        aria-label={`${state ? STATES[state].name : 'Nothing decided'}: decide about ${name}`}
        onClick={() => setAsked(true)}
      >
        {chip ?? 'Decide…'}
      </button>
      {asked && <ActorDialog actor={actor} onClose={() => setAsked(false)} />}
    </>
  );
}

/** Asks what an actor is, why, and for how long. */
function ActorDialog({ actor, onClose }: { actor: TriagedActor; onClose: () => void }) {
  const decide = useDecide('actors');
  const before = actor.triage;
  const [state, setState] = useState<ActorState | null>(before?.state ?? 'watched');
  const [days, setDays] = useState(30);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '').trim() || null;
    const until = days > 0 ? new Date(Date.now() + days * DAY_MS).toISOString() : null;
    const undo = before?.state ? { state: before.state, reason: before.reason, until: before.until } : { state: null };
    const told = state ? `It is ${state} now.` : 'Nothing is decided about it now.';
    decide(actor, state ? { state, reason, until } : { state }, { told, undo });
    onClose();
  };
  return (
    <Dialog title="Decide about an actor" onClose={onClose}>
      <form onSubmit={submit} className="form">
        <p>{actor.identifiers[0] ? <IdentifierName identifier={actor.identifiers[0]} /> : <code>{actor.id}</code>}</p>
        <fieldset className="choices">
          <legend>It is</legend>
          {Object.entries(STATES).map(([id, { name }]) => (
            <label key={id}>
              <input type="radio" name="state" checked={state === id} onChange={() => setState(id as ActorState)} />{' '}
              {name}
            </label>
          ))}
          <label>
            <input type="radio" name="state" checked={state === null} onChange={() => setState(null)} /> Nothing of
            these
          </label>
        </fieldset>
        <p className="muted small" role="status">
          {state ? STATES[state].means : 'What was decided is taken back.'}
          {(state === 'suspended' || state === 'denied') && ' It is noted for people: Vedette blocks nobody by it.'}
        </p>
        {state && (
          <>
            <fieldset className="choices">
              <legend>For</legend>
              {ENDS.map(([value, text]) => (
                <label key={value}>
                  <input type="radio" name="days" checked={days === value} onChange={() => setDays(value)} /> {text}
                </label>
              ))}
            </fieldset>
            <Reason
              label="Reason"
              required={state !== 'watched'}
              hint={state === 'watched' ? 'Optional.' : 'Whoever reads this next year should understand it.'}
              defaultValue={before?.reason ?? ''}
            />
          </>
        )}
        <p className="form-end">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-main">
            Decide
          </button>
        </p>
      </form>
    </Dialog>
  );
}
