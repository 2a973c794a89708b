import { Link } from '@tanstack/react-router';
import type { Report } from '../api/report';
import type { Finding, Evidence as Shown } from '../api/results';
import { count, day, percent, plural } from '../format';
import { References } from './Chips';
import { Method, Template } from './EndpointName';
import { Icon } from './Icon';
import { Prose } from './Prose';
import { Severity } from './Severity';

interface Props {
  finding: Finding;
  report: Report;
  /** Title and fix; left out where a heading above already says them. */
  withTitle?: boolean;
  withPlace?: boolean;
  withSeverity?: boolean;
}

/** One finding in full: what was seen where, why it matters, what to do. */
export function FindingCard({ finding, report, withTitle = true, withPlace = true, withSeverity = true }: Props) {
  return (
    <article className={`finding edge-${finding.severity}`} aria-label={`${finding.title}, ${finding.place}`}>
      <header>
        {withSeverity && <Severity level={finding.severity} />}
        {withTitle && <h3>{finding.title}</h3>}
        {withPlace && <Place finding={finding} />}
        <span className="finding-facts">
          {plural(finding.occurrences, 'exchange')} · {percent(finding.confidence)} sure · last seen{' '}
          {day(finding.last_seen)}
        </span>
      </header>
      <p>
        <Prose text={finding.explanation} />
      </p>
      <Evidence items={finding.evidence} report={report} />
      {withTitle && <Fix text={finding.fix} />}
      {withTitle && <References owasp={finding.owasp} cwe={finding.cwe} compliance={finding.compliance} />}
    </article>
  );
}

export function Place({ finding }: { finding: Finding }) {
  const [method = '', ...rest] = finding.place.split(' ');
  const text = (
    <>
      {rest.length > 0 ? (
        <>
          <Method name={method} /> <Template text={rest.join(' ')} />
        </>
      ) : (
        <Template text={finding.place || finding.service} />
      )}
      <span className="endpoint-service">{finding.service}</span>
    </>
  );
  if (!finding.endpoint) return <span className="endpoint-link">{text}</span>;
  return (
    <Link to="/endpoints/$id" params={{ id: finding.endpoint }} className="endpoint-link">
      {text}
    </Link>
  );
}

export function Fix({ text }: { text: string }) {
  return (
    <p className="fix">
      <Icon name="wrench" size={15} />
      <span>
        <b>What to do.</b> <Prose text={text} />
      </span>
    </p>
  );
}

/** Where exactly it was seen: place in the exchange, masked text, and which record of which source. */
export function Evidence({ items, report }: { items: Shown[]; report: Report }) {
  if (items.length === 0) return null;
  return (
    <ul className="evidence" aria-label="Evidence">
      {items.map((item) => (
        <li key={`${item.source} ${item.exchange} ${item.location}`}>
          <code className="evidence-where">{item.location}</code>
          <code className="evidence-what">{item.excerpt}</code>
          <Record source={item.source} exchange={item.exchange} report={report} />
        </li>
      ))}
    </ul>
  );
}

/** A record by source and number, as `sed -n` or `jq` would find it. */
export function Record({ source, exchange, report }: { source: number; exchange: number; report: Report }) {
  const name = report.sources[source]?.name ?? `source ${source}`;
  return (
    <span className="record" title={`${name}, record ${count(exchange)} (the first is 0)`}>
      {name.split('/').filter(Boolean).at(-1) ?? name} #{exchange}
    </span>
  );
}
