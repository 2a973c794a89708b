import type { Report } from '../api/report';
import type { Endpoint, Operation, Orphan, Spec } from '../api/results';
import { useReport } from '../api/source';
import { count, fileLine, percent, plural, ratio } from '../format';
import { Stack } from '../ui/Bars';
import { EndpointLink, Method, Template } from '../ui/EndpointName';
import { useExtras } from '../ui/extras';
import { Place } from '../ui/FindingCard';
import { Empty, Panel } from '../ui/Panel';
import { Prose } from '../ui/Prose';
import { Conformance } from './endpoint/Declared';

/** Rows of a list; the results document has all. */
const SHOWN = 200;

/** What the specifications declare against what was observed. */
export function Specs() {
  const { SpecsPage = Given } = useExtras();
  return <SpecsPage />;
}

/** The specifications that an analysis was given. */
function Given() {
  const report = useReport('specs', 'endpoints', 'findings');
  const specs = report.specs ?? [];
  const drifting = report.endpoints
    .flatMap((endpoint) => (endpoint.operation?.violations.length ? [{ endpoint, operation: endpoint.operation }] : []))
    .sort((a, b) => a.operation.conforming - b.operation.conforming || b.endpoint.exchanges - a.endpoint.exchanges);
  const shadows = report.findings.filter((finding) => finding.kind === 'shadow-endpoint');
  const orphans = report.services.flatMap((service) => service.orphans ?? []);
  return (
    <div className="page">
      <header className="page-head">
        <h1>Specifications</h1>
        <p className="muted">
          {plural(specs.length, 'specification')} against {plural(report.stats.exchanges, 'exchange')}
        </p>
      </header>
      {specs.length === 0 && (
        <Empty>
          No specification was given. Name one with <code>--spec FILE</code> to see what is undeclared, unused or
          different.
        </Empty>
      )}
      {specs.map((spec) => (
        <SpecCard key={spec.file} spec={spec} report={report} />
      ))}
      {specs.length > 0 && (
        <div className="grid">
          <Drift rows={drifting} />
          <Panel
            title={`Called and not declared (${count(shadows.length)})`}
            hint="Shadow endpoints: they answer, and no specification knows them."
            className="span-6"
          >
            {shadows.length === 0 ? <p className="muted">None.</p> : null}
            <ul className="lines">
              {shadows.slice(0, SHOWN).map((finding) => (
                <li key={finding.id}>
                  <Place finding={finding} />
                  <span className="muted small">{plural(finding.occurrences, 'call')}</span>
                </li>
              ))}
            </ul>
            <More all={shadows.length} />
          </Panel>
          <Orphans orphans={orphans} />
        </div>
      )}
    </div>
  );
}

function SpecCard({ spec, report }: { spec: Spec; report: Report }) {
  const deprecated = report.endpoints.filter(
    (endpoint) => endpoint.operation?.spec === spec.file && endpoint.operation.deprecated,
  ).length;
  return (
    <section className="panel source" aria-label={spec.file}>
      <div className="panel-head">
        <h2>
          {spec.title} <span className="muted">{spec.version}</span>
        </h2>
        <span className="chip tag">{spec.dialect}</span>
      </div>
      <p className="muted small">
        <code>{spec.file}</code>
        {spec.services.length > 0 && ` · ${spec.services.join(', ')}`}
      </p>
      {spec.services.length === 0 && (
        <p className="notice warn">No service of the traffic is its: its servers have other names.</p>
      )}
      <Stack
        name="Operations of this specification"
        parts={[
          {
            key: 'met',
            label: 'Operations observed',
            value: spec.observed - deprecated,
            text: `${count(spec.observed - deprecated)} · ${ratio(spec.observed - deprecated, spec.operations)}`,
            color: 'var(--accent-fill)',
          },
          {
            key: 'deprecated',
            label: 'Deprecated, still used',
            value: deprecated,
            text: count(deprecated),
            color: 'var(--sev-medium)',
          },
          {
            key: 'orphans',
            label: 'Never called',
            value: spec.operations - spec.observed,
            text: count(spec.operations - spec.observed),
            color: 'var(--faint)',
          },
        ]}
      />
      {typeof spec.conforming === 'number' && (
        <p>
          <b>{percent(spec.conforming)}</b> of the exchanges that were compared conform.
        </p>
      )}
      {spec.problems.map((problem) => (
        <p key={problem} className="notice warn">
          <Prose text={problem} />
        </p>
      ))}
    </section>
  );
}

function Drift({ rows }: { rows: { endpoint: Endpoint; operation: Operation }[] }) {
  return (
    <Panel
      title={`Differs from its declaration (${count(rows.length)})`}
      hint="Operations by the share of exchanges that conform. Undocumented fields and parameters are drift, but break no declaration."
      className="span-12"
    >
      {rows.length === 0 ? (
        <p className="muted">None.</p>
      ) : (
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">Operation</th>
                <th scope="col">Conform</th>
                <th scope="col" className="num">
                  Differences
                </th>
                <th scope="col">First of them</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, SHOWN).map(({ endpoint, operation }) => (
                <tr key={endpoint.id}>
                  <th scope="row">
                    <EndpointLink endpoint={endpoint} withService />
                  </th>
                  <td>
                    <Conformance share={operation.conforming} />
                  </td>
                  <td className="num">{operation.violations.length}</td>
                  <td className="small">
                    <code>{operation.violations[0]?.place}</code> {operation.violations[0]?.text}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More all={rows.length} />
    </Panel>
  );
}

function Orphans({ orphans }: { orphans: Orphan[] }) {
  return (
    <Panel
      title={`Declared and never called (${count(orphans.length)})`}
      hint="Orphans: dead, or used by callers that this traffic does not show."
      className="span-6"
    >
      {orphans.length === 0 ? <p className="muted">None.</p> : null}
      <ul className="lines">
        {orphans.slice(0, SHOWN).map((orphan) => (
          <li key={`${orphan.spec} ${orphan.method} ${orphan.path}`}>
            <span>
              <Method name={orphan.method} /> <Template text={orphan.path} />
            </span>
            <span className="muted small">
              {orphan.deprecated && 'deprecated · '}
              {fileLine(orphan.spec, orphan.line)}
            </span>
          </li>
        ))}
      </ul>
      <More all={orphans.length} />
    </Panel>
  );
}

function More({ all }: { all: number }) {
  return all > SHOWN ? <p className="muted small">{count(all - SHOWN)} more in the results document.</p> : null;
}
