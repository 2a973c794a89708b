import { useState } from 'react';
import type { Report, TriagedFinding } from '../../api/report';
import type { Finding } from '../../api/results';
import { count, plural } from '../../format';
import { References } from '../../ui/Chips';
import { FindingCard, Fix } from '../../ui/FindingCard';
import { Icon } from '../../ui/Icon';
import { usePrinting } from '../../ui/printing';
import { Severity } from '../../ui/Severity';

/** Findings of a kind shown before the reader asks for the rest. */
const SHOWN = 10;
const PRINTED = 50;

interface Props {
  /** Of one kind, at least one, worst first. */
  findings: TriagedFinding[];
  report: Report;
  startOpen: boolean;
}

/** All findings of one kind under what they share: the title, the fix and the references. */
export function FindingGroup({ findings, report, startOpen }: Props) {
  const [open, setOpen] = useState(startOpen);
  const [shown, setShown] = useState(SHOWN);
  const printing = usePrinting();
  const [first] = findings;
  if (!first) return null;
  const services = new Set(findings.map((finding) => finding.service));
  const fixes = new Set(findings.map((finding) => finding.fix));
  const severities = new Set(findings.map((finding) => finding.severity));
  const rest = findings.length - shown;
  return (
    <details
      className={`finding-group edge-${first.severity}`}
      open={open || printing}
      onToggle={(event) => !printing && setOpen(event.currentTarget.open)}
    >
      <summary>
        <Severity level={first.severity} />
        <h2>{first.title}</h2>
        <span className="group-count">
          {plural(findings.length, 'place')} in {plural(services.size, 'service')}
        </span>
        <Icon name="chevron" size={16} />
      </summary>
      {(open || printing) && (
        <div className="group-body">
          {fixes.size === 1 && <Fix text={first.fix} />}
          <References
            owasp={union(findings, (finding) => finding.owasp)}
            cwe={union(findings, (finding) => finding.cwe)}
            compliance={union(findings, (finding) => finding.compliance)}
          />
          {findings.slice(0, printing ? PRINTED : shown).map((finding) => (
            <div key={finding.id}>
              <FindingCard finding={finding} report={report} withTitle={false} withSeverity={severities.size > 1} />
              {fixes.size > 1 && <Fix text={finding.fix} />}
            </div>
          ))}
          {rest > 0 && !printing && (
            <button type="button" className="more-button" onClick={() => setShown(shown + 50)}>
              Show {count(Math.min(50, rest))} of {count(rest)} more
            </button>
          )}
          {printing && findings.length > PRINTED && (
            <p className="muted">{count(findings.length - PRINTED)} more are not printed.</p>
          )}
        </div>
      )}
    </details>
  );
}

function union(findings: Finding[], of: (finding: Finding) => string[]): string[] {
  return [...new Set(findings.flatMap(of))];
}
