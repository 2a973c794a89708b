import type { TriagedFinding } from '../../api/report';
import { moment, plural } from '../../format';
import { Dialog } from '../../ui/Dialog';
import { Place } from '../../ui/FindingCard';
import type { Judgment } from './judge';
import { StateChip } from './StateChip';

interface Props {
  findings: TriagedFinding[];
  judgment: Judgment;
  onClose: () => void;
  onApply: () => void;
}

/** Somebody else was quicker: shows what they decided, and leaves the choice to the user. */
export function ConflictDialog({ findings, judgment, onClose, onApply }: Props) {
  return (
    <Dialog title={`${plural(findings.length, 'finding')} changed meanwhile`} onClose={onClose}>
      <p>
        Somebody judged {findings.length === 1 ? 'it' : 'them'} after this page was loaded, so nothing of yours was
        saved. This is what they decided:
      </p>
      <ul className="lines conflicts">
        {findings.map((finding) => (
          <li key={finding.id}>
            <span>
              {finding.title} <Place finding={finding} />
              <small className="muted">
                {finding.triage?.updated_by ?? 'Somebody'}, {moment(finding.triage?.updated_at)} UTC
                {finding.triage?.reason && `: “${finding.triage.reason}”`}
              </small>
            </span>
            {finding.triage && <StateChip triage={finding.triage} />}
          </li>
        ))}
      </ul>
      <p className="form-end">
        <button
          type="button"
          className="button"
          onClick={() => {
            onApply();
            onClose();
          }}
        >
          {judgment.state ? `Make ${findings.length === 1 ? 'it' : 'them'} ${judgment.state} anyway` : 'Change anyway'}
        </button>
        {/* biome-ignore lint/a11y/noAutofocus: the harmless choice is the one that Enter makes. */}
        <button type="button" className="button button-main" onClick={onClose} autoFocus>
          Keep theirs
        </button>
      </p>
    </Dialog>
  );
}
