import { Link } from '@tanstack/react-router';
import type { Report, TriagedFinding } from '../api/report';
import type { Finding, Evidence as Shown } from '../api/results';
import { count, day, fileLine, percent, plural } from '../format';
import { References } from './Chips';
import { Method, Template } from './EndpointName';
import { useExtras } from './extras';
import { Icon } from './Icon';
import { Prose } from './Prose';
import { Severity } from './Severity';

interface Props {
  finding: TriagedFinding;
  report: Report;
  /** Title and fix; left out where a heading above already says them. */
  withTitle?: boolean;
  withPlace?: boolean;
  withSeverity?: boolean;
}

/** One finding in full: what was seen where, why it matters, what to do. */
export function FindingCard({ finding, report, withTitle = true, withPlace = true, withSeverity = true }: Props) {
  const { FindingTools } = useExtras();
  return (
    <article className={`finding edge-${finding.severity}`} aria-label={`${finding.title}, ${finding.place}`}>
      <header>
        {withSeverity && <Severity level={finding.severity} />}
        {withTitle && <h3>{finding.title}</h3>}
        {withPlace && <Place finding={finding} />}
        <span className="finding-facts">{facts(finding)}</span>
      </header>
      <p>
        <Prose text={finding.explanation} />
      </p>
      <Evidence items={finding.evidence} report={report} said={finding.explanation} />
      {withTitle && <Fix text={finding.fix} />}
      {withTitle && <References owasp={finding.owasp} cwe={finding.cwe} compliance={finding.compliance} />}
      {FindingTools && <FindingTools finding={finding} />}
    </article>
  );
}

function facts({ occurrences, confidence, last_seen, evidence }: Finding): string {
  const ofFile = evidence.some((item) => item.file);
  const parts = [
    occurrences > 0 && plural(occurrences, ofFile ? 'place' : 'exchange'),
    `${percent(confidence)} sure`,
    last_seen && `last seen ${day(last_seen)}`,
  ];
  return parts.filter(Boolean).join(' · ');
}

/** Where a finding is: an endpoint, or a whole service. */
export function Place({ finding }: { finding: Finding }) {
  const { endpoint, place, service } = finding;
  if (!endpoint && finding.kind.startsWith('gateway-')) {
    return (
      <Link to="/gateways" className="endpoint-link">
        <Template text={place} />
        {place !== service && <span className="endpoint-service">{service}</span>}
      </Link>
    );
  }
  if (!endpoint) {
    return (
      <Link to="/inventory" search={{ service: [service] }} className="endpoint-link">
        <Template text={place || service} />
        {place !== service && <span className="endpoint-service">{service}</span>}
      </Link>
    );
  }
  const [method = '', ...rest] = place.split(' ');
  return (
    <Link to="/endpoints/$id" params={{ id: endpoint }} className="endpoint-link">
      <Method name={method} /> <Template text={rest.join(' ')} />
      <span className="endpoint-service">{service}</span>
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
export function Evidence({ items, report, said = '' }: { items: Shown[]; report: Report; said?: string }) {
  if (items.length === 0) return null;
  return (
    <ul className="evidence" aria-label="Evidence">
      {items.map((item) => (
        <li key={`${item.file} ${item.line} ${item.source} ${item.exchange} ${item.location} ${item.excerpt}`}>
          <code className="evidence-where">{item.file ? fileLine(item.file, item.line) : item.location}</code>
          {item.file ? (
            <span className="evidence-what">
              {said.toLowerCase() !== `${item.excerpt}.`.toLowerCase() && <Prose text={item.excerpt} />}
            </span>
          ) : (
            <>
              <code className="evidence-what">{item.excerpt}</code>
              <Record source={item.source} exchange={item.exchange} report={report} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

/** A record by source and number, as `sed -n` or `jq` would find it. */
export function Record({ source, exchange, report }: { source: number; exchange: number; report: Report }) {
  const name = report.sourceNames[source];
  if (name === undefined) return <span className="record">record {count(exchange)}</span>;
  return (
    <span className="record" title={`${name}, record ${count(exchange)} (the first is 0)`}>
      {name.split('/').filter(Boolean).at(-1) ?? name} #{exchange}
    </span>
  );
}
