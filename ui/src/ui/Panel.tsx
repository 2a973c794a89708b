import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  /** What the panel shows, in a sentence. */
  hint?: ReactNode;
  /** A link or control beside the title. */
  action?: ReactNode;
  className?: string;
  /** What a link to it names behind the hash. */
  anchor?: string;
  children: ReactNode;
}

/** A titled area of a page. */
export function Panel({ title, hint, action, className = '', anchor, children }: Props) {
  const id = useId();
  return (
    <section id={anchor} className={`panel ${className}`} aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>{title}</h2>
        {action}
      </div>
      {hint && <p className="panel-hint">{hint}</p>}
      {children}
    </section>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}
