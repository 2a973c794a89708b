import type { Triage } from '../../api/report';
import { day } from '../../format';

const WORDS = { open: 'Open', accepted: 'Accepted', resolved: 'Resolved', reopened: 'Reopened' } as const;
const MEANS = {
  open: 'Nobody decided about it yet',
  accepted: 'The risk is accepted',
  resolved: 'Somebody says that it is fixed',
  reopened: 'It was accepted or resolved, and traffic shows it again',
} as const;

/** What was decided about a finding. */
export function StateChip({ triage: { state, until } }: { triage: Triage }) {
  return (
    <span className={`chip state state-${state}`} title={MEANS[state]}>
      {WORDS[state]}
      {state === 'accepted' && until && ` until ${day(until)}`}
    </span>
  );
}
