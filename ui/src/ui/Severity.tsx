import { type Severity as Level, SEVERITY_MEANS } from '../catalog';

/** A shape per severity beside its color: told apart without seeing colors, and on paper. */
const SHAPES: Record<Level, React.ReactNode> = {
  critical: <path d="M8 .8 15.2 8 8 15.2.8 8Z" />,
  high: <path d="M8 1.5 15.3 14.3H.7Z" />,
  medium: <rect x="2" y="2" width="12" height="12" rx="2" />,
  low: <circle cx="8" cy="8" r="6.2" />,
  info: <circle cx="8" cy="8" r="4.8" fill="none" stroke="currentColor" strokeWidth="2.4" />,
};

export function SeverityMark({ level }: { level: Level }) {
  return (
    <svg
      className={`mark sev-${level}`}
      width="11"
      height="11"
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[level]}
    </svg>
  );
}

export function Severity({ level }: { level: Level }) {
  return (
    <span className={`severity sev-${level}`} title={SEVERITY_MEANS[level]}>
      <SeverityMark level={level} />
      {level}
    </span>
  );
}
