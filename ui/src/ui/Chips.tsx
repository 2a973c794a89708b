import { Link } from '@tanstack/react-router';
import type { Report } from '../api/report';
import { label, levelHue } from '../catalog';
import { Icon } from './Icon';

/** A data class, hued by its level of sensitivity. */
export function ClassChip({ name, report }: { name: string; report: Report }) {
  const level = report.levels.get(name) ?? '';
  return <LeveledChip name={name} level={level} />;
}

/** A data class whose level is known. */
export function LeveledChip({ name, level }: { name: string; level: string }) {
  return (
    <span className={`chip hue-${levelHue(level)}`} title={level ? `Level: ${label(level)}` : undefined}>
      {label(name)}
    </span>
  );
}

/** The first few classes, and how many more there are. */
export function ClassChips({ names, report, max = 3 }: { names: string[]; report: Report; max?: number }) {
  const rest = names.slice(max);
  return (
    <span className="chips">
      {names.slice(0, max).map((name) => (
        <ClassChip key={name} name={name} report={report} />
      ))}
      {rest.length > 0 && (
        <span className="chip more" title={rest.map(label).join(', ')}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}

export function Exposure({ value }: { value: string }) {
  const icon = value === 'public' ? 'globe' : value === 'private' ? 'lock' : 'inside';
  return (
    <span className={`exposure exposure-${value}`}>
      <Icon name={icon} size={14} />
      {label(value)}
    </span>
  );
}

/** OWASP, CWE and compliance references; OWASP ones lead to the findings that carry them. */
export function References({ owasp, cwe, compliance }: { owasp: string[]; cwe: string[]; compliance: string[] }) {
  return (
    <span className="chips references">
      {owasp.map((id) => (
        <Link key={id} to="/findings" search={{ owasp: [id] }} className="chip tag">
          OWASP {id}
        </Link>
      ))}
      {[...cwe, ...compliance].map((id) => (
        <span key={id} className="chip tag">
          {id}
        </span>
      ))}
    </span>
  );
}
