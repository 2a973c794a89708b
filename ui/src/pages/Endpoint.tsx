import { getRouteApi, Link } from '@tanstack/react-router';
import { classesOf, errorsOf } from '../api/report';
import { useEndpoint, useReport } from '../api/source';
import { kind, label } from '../catalog';
import { bytes, compact, count, millis, moment, percent, plural, ratio } from '../format';
import { ClassChips, Exposure } from '../ui/Chips';
import { Method, Template } from '../ui/EndpointName';
import { useExtras } from '../ui/extras';
import { FindingCard } from '../ui/FindingCard';
import { Panel } from '../ui/Panel';
import { Prose } from '../ui/Prose';
import { Quantiles } from '../ui/Quantiles';
import { Score } from '../ui/Score';
import { TimeChart } from '../ui/TimeChart';
import { AuthenticationDetails } from './endpoint/AuthenticationDetails';
import { Callers, Samples } from './endpoint/Callers';
import { Declared } from './endpoint/Declared';
import { Fields } from './endpoint/Fields';
import { ProtocolFacts } from './endpoint/ProtocolFacts';
import { RiskReasons } from './endpoint/RiskReasons';
import { Schemas } from './endpoint/Schemas';
import { Statuses } from './endpoint/Statuses';
import { NotFound } from './NotFound';

const route = getRouteApi('/endpoints/$id');

/** Everything that was learned about one endpoint. */
export function EndpointPage() {
  const report = useReport('findings', 'actors');
  const endpoint = useEndpoint(route.useParams().id);
  const { EndpointChanges } = useExtras();
  if (!endpoint) return <NotFound />;
  const findings = report.findingsByEndpoint.get(endpoint.id) ?? [];
  const classes = classesOf(endpoint, report);
  return (
    <div className="page endpoint">
      <header className="endpoint-head">
        <div>
          <p className="eyebrow">
            <Link to="/inventory">Inventory</Link> /{' '}
            <Link to="/inventory" search={{ service: [endpoint.service] }}>
              {endpoint.service}
            </Link>
          </p>
          <h1>
            <Method name={endpoint.method} /> <Template text={endpoint.template} />
          </h1>
          <p className="badges">
            <Exposure value={endpoint.exposure} />
            <span className="chip tag">{kind(endpoint.kind)}</span>
            {endpoint.function && <span className="chip tag">{label(endpoint.function)}</span>}
            {endpoint.version && <span className="chip tag">{endpoint.version}</span>}
            {endpoint.deprecated && <span className="chip tag caution">Deprecated</span>}
            <ClassChips names={classes} report={report} max={8} />
          </p>
          {endpoint.owner && (
            <p className="muted">
              Owned by{' '}
              <Link to="/inventory" search={{ owner: [endpoint.owner.name] }}>
                {endpoint.owner.name}
              </Link>
              : {endpoint.owner.reason} (
              <code>
                {endpoint.owner.file}:{endpoint.owner.line}
              </code>
              )
            </p>
          )}
        </div>
        <Score value={endpoint.risk.score} large />
      </header>
      <dl className="facts">
        <Fact name="Exchanges" value={compact(endpoint.exchanges)} title={count(endpoint.exchanges)} />
        <Fact name="Actors" value={compact(endpoint.actors)} />
        <Fact name="Errors" value={ratio(errorsOf(endpoint), endpoint.exchanges)} />
        <Fact name="p95 latency" value={endpoint.latency_ms ? millis(endpoint.latency_ms.p95) : '–'} />
        <Fact name="First seen" value={moment(endpoint.first_seen)} />
        <Fact name="Last seen" value={moment(endpoint.last_seen)} />
      </dl>
      <div className="grid">
        {findings.length > 0 && (
          <Panel title={plural(findings.length, 'finding')} className="span-12">
            {findings.map((finding) => (
              <FindingCard key={finding.id} finding={finding} report={report} withPlace={false} />
            ))}
          </Panel>
        )}
        {endpoint.operation && <Declared operation={endpoint.operation} report={report} />}
        {EndpointChanges && <EndpointChanges id={endpoint.id} />}
        <RiskReasons risk={endpoint.risk} />
        <AuthenticationDetails endpoint={endpoint} />
        <Panel title="Traffic" hint="Times in UTC." className="span-8">
          <TimeChart timeline={endpoint.timeline} name="Traffic over time" height={150} />
        </Panel>
        <Statuses endpoint={endpoint} />
        {(endpoint.latency_ms || endpoint.response_bytes || endpoint.request_bytes) && (
          <Panel
            title="Time and size"
            hint="Each line goes from the median to the largest, on its own scale: thick up to the 95th percentile, a mark at the 99th."
            className="span-12"
          >
            <Quantiles
              rows={[
                { name: 'Time to answer', values: endpoint.latency_ms, format: millis },
                { name: 'Response size', values: endpoint.response_bytes, format: bytes },
                { name: 'Request size', values: endpoint.request_bytes, format: bytes },
              ]}
            />
          </Panel>
        )}
        {endpoint.template_reasons.length > 0 && (
          <Panel
            title="Path template"
            hint={`${percent(endpoint.confidence)} sure. Why each parameter is one:`}
            className="span-12"
          >
            <ul className="reasons">
              {endpoint.template_reasons.map((reason) => (
                <li key={reason}>
                  <Prose text={reason} />
                </li>
              ))}
            </ul>
          </Panel>
        )}
        {endpoint.protocol && <ProtocolFacts endpoint={endpoint} protocol={endpoint.protocol} report={report} />}
        <Fields endpoint={endpoint} report={report} />
        <Schemas endpoint={endpoint} />
        <Callers endpoint={endpoint} report={report} />
        <Samples endpoint={endpoint} report={report} />
      </div>
    </div>
  );
}

function Fact({ name, value, title }: { name: string; value: string; title?: string }) {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
