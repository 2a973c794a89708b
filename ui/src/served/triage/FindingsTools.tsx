import type { TriagedFinding } from '../../api/report';
import { plural } from '../../format';
import { useMay } from '../session';
import { useDesk } from './Desk';

/** Ticks all findings that the filters let pass; or says why nothing can be ticked. */
export function FindingsTools({ findings }: { findings: TriagedFinding[] }) {
  const desk = useDesk();
  const { may, why } = useMay('triage');
  if (!may) return <span className="muted small">You can read findings. {why}</span>;
  if (findings.length === 0) return null;
  const all = findings.every(({ id }) => desk.ticked.has(id));
  return (
    <button type="button" className="plain-button" onClick={() => desk.tick(findings, !all)}>
      {all
        ? 'Clear the selection'
        : `Select ${findings.length === 1 ? 'it' : `all ${plural(findings.length, 'finding')}`}`}
    </button>
  );
}
