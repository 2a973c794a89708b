import { type FormEvent, useState } from 'react';
import type { TriagedFinding } from '../../api/report';
import { day, plural } from '../../format';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { useMe } from '../session';
import type { Judgment } from './judge';

/** What is asked about which findings. */
export interface Question {
  what: 'accept' | 'resolve' | 'owner';
  findings: TriagedFinding[];
}

interface Props {
  question: Question;
  onClose: () => void;
  onJudge: (judgment: Judgment) => void;
}

const TITLES = { accept: 'Accept the risk of', resolve: 'Resolve', owner: 'Give' } as const;

const DAY_MS = 86_400_000;
/** How long a risk may be accepted; nothing is accepted for ever. */
const ENDS: readonly [days: number, text: string][] = [
  [14, '14 days'],
  [30, '30 days'],
  [90, '90 days'],
  [180, '180 days'],
  [364, 'a year'],
];

/** Asks for what a judgment needs. */
export function JudgeDialog({ question: { what, findings }, onClose, onJudge }: Props) {
  const me = useMe();
  const [days, setDays] = useState(90);
  const [first] = findings;
  const title = `${TITLES[what]} ${plural(findings.length, 'finding')}${what === 'owner' ? ' to…' : ''}`;
  const until = new Date(Date.now() + days * DAY_MS).toISOString();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim() || null;
    if (what === 'accept') onJudge({ state: 'accepted', reason: text('reason'), until });
    else if (what === 'resolve') onJudge({ state: 'resolved', reason: text('reason'), until: null });
    else onJudge({ owner: text('owner') });
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} className="form">
        {findings.length === 1 && first && (
          <p className="muted">
            {first.title}: <code>{first.place}</code>
          </p>
        )}
        {what === 'accept' && (
          <>
            <Reason label="Reason" required hint="Whoever reads this next year should understand it." />
            <fieldset className="choices">
              <legend>Accepted for</legend>
              {ENDS.map(([value, text]) => (
                <label key={value}>
                  <input type="radio" name="days" checked={days === value} onChange={() => setDays(value)} /> {text}
                </label>
              ))}
            </fieldset>
            <p className="muted small">It opens again on {day(until)}.</p>
          </>
        )}
        {what === 'resolve' && (
          <>
            <Reason label="What was done" hint="Optional." />
            <p className="muted small">It opens again by itself when traffic shows it once more.</p>
          </>
        )}
        {what === 'owner' && (
          <>
            <Field
              label="Owner"
              name="owner"
              defaultValue={first?.triage?.owner ?? ''}
              hint="A person or team; empty for nobody."
              autoFocus
            />
            {me.kind === 'user' && (
              <p>
                <button
                  type="button"
                  className="plain-button"
                  onClick={() => {
                    onJudge({ owner: me.name });
                    onClose();
                  }}
                >
                  Take it myself
                </button>
              </p>
            )}
          </>
        )}
        <p className="form-end">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-main">
            {{ accept: 'Accept', resolve: 'Resolve', owner: 'Assign' }[what]}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

interface ReasonProps {
  label: string;
  hint: string;
  required?: boolean;
  defaultValue?: string;
}

/** Why something is decided, in the words of who decides. */
export function Reason({ label, hint, required, defaultValue }: ReasonProps) {
  return (
    <p className="field">
      <label htmlFor="judge-reason">{label}</label>
      <textarea
        id="judge-reason"
        name="reason"
        rows={3}
        maxLength={2000}
        required={required}
        defaultValue={defaultValue}
        aria-describedby="judge-reason-hint"
        // biome-ignore lint/a11y/noAutofocus: a dialog moves the focus to what it asks for.
        autoFocus
      />
      <small id="judge-reason-hint" className="muted">
        {hint}
      </small>
    </p>
  );
}
