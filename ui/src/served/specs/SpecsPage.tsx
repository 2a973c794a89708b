import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useReport } from '../../api/source';
import { label } from '../../catalog';
import { count, day, plural } from '../../format';
import { Method, Template } from '../../ui/EndpointName';
import { Panel } from '../../ui/Panel';
import { Prose } from '../../ui/Prose';
import { api } from '../client';
import type { Conformance, Difference, UploadedSpec } from '../contract';
import { conformanceQuery, specsQuery } from '../queries';
import { useMay } from '../session';
import { Upload } from './Upload';

/** Differences shown before the reader asks for more. */
const SHOWN = 12;

/** What was declared by uploaded specifications, against what is observed. */
export function SpecsPage() {
  const { data } = useSuspenseQuery(specsQuery);
  return (
    <div className="page">
      <header className="page-head">
        <h1>Specifications</h1>
        <p className="muted">{plural(data.items.length, 'specification')}</p>
      </header>
      <section className="panel upload" aria-label="Upload">
        <p>
          OpenAPI 2.0 to 3.2 and Postman collections say what should be there. Vedette shows what is called and not
          declared, declared and never called, and where requests and responses differ.
        </p>
        <Upload />
      </section>
      {data.items.map((spec) => (
        <SpecPanel key={spec.id} spec={spec} />
      ))}
      <Learned />
    </div>
  );
}

/** What the traffic says the specifications should be. */
function Learned() {
  const { services } = useReport();
  if (services.length === 0) return null;
  return (
    <Panel
      title="Learned from traffic"
      hint="An OpenAPI 3.1 document of each service, as it is used. Examples in it are made up: no value of the traffic is in there."
    >
      <ul className="lines">
        {services.map(({ id, name, endpoints }) => (
          <li key={id}>
            <Link to="/inventory" search={{ service: [name] }}>
              {name}
            </Link>
            <span>
              <span className="muted small">{plural(endpoints, 'endpoint')}</span>{' '}
              <a
                className="plain-button"
                href={`/v1/services/${encodeURIComponent(id)}/openapi`}
                download={`${name.replaceAll(/[^\w.-]+/g, '-')}.openapi.json`}
              >
                OpenAPI<span className="sr"> of {name}</span>
              </a>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function SpecPanel({ spec }: { spec: UploadedSpec }) {
  const { data, error } = useQuery(conformanceQuery(spec.id));
  return (
    <Panel
      title={spec.name}
      hint={`Version ${spec.version}, of ${day(spec.updated_at)}${spec.service ? ` · ${spec.service}` : ''}`}
      action={
        <span className="spec-tools">
          <a className="plain-button" href={`/v1/specs/${encodeURIComponent(spec.id)}/document`}>
            Download<span className="sr"> {spec.name}</span>
          </a>
          <Upload replaced={spec} />
          <Remove spec={spec} />
        </span>
      }
    >
      {error && <p className="form-error">{error.message}</p>}
      {!data && !error && <p className="muted">Comparing…</p>}
      {data && <Compared report={data} />}
    </Panel>
  );
}

function Compared({ report }: { report: Conformance }) {
  const [shown, setShown] = useState(SHOWN);
  const { services, declared, orphans, shadows, differences, more } = report;
  if (services.length === 0) {
    return <p className="muted">No observed service is among its servers, so there is nothing to compare it with.</p>;
  }
  const worst = [...differences].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  return (
    <>
      <dl className="facts facts-bare">
        <Fact name="Compared with" value={services.join(', ')} />
        <Fact name="Declared" value={plural(declared, 'operation')} />
        <Fact name="Never called" value={count(orphans)} />
        <Fact name="Called, not declared" value={count(shadows)} />
      </dl>
      {differences.length === 0 ? (
        <p className="muted">The traffic does what the specification says.</p>
      ) : (
        <ul className="lines differences" aria-label="Differences">
          {worst.slice(0, shown).map((one) => (
            <Line key={`${one.operation} ${one.kind} ${one.text}`} difference={one} />
          ))}
        </ul>
      )}
      {differences.length > shown && (
        <button type="button" className="more-button" onClick={() => setShown(shown + 50)}>
          Show {count(Math.min(50, differences.length - shown))} of {count(differences.length - shown)} more
        </button>
      )}
      {more > 0 && <p className="muted small">{count(more)} more are not listed.</p>}
    </>
  );
}

const LEVELS = ['security', 'breaking', 'compatible'];

function Line({ difference: { level, operation, kind, text, line } }: { difference: Difference }) {
  const [method = '', ...path] = operation.split(' ');
  return (
    <li>
      <span>
        {operation && (
          <>
            <Method name={method} /> <Template text={path.join(' ')} />{' '}
          </>
        )}
        <span className="difference-text">
          <Prose text={text} />
        </span>
      </span>
      <span className={`chip tag ${level === 'compatible' ? '' : 'caution'}`} title={label(kind)}>
        {label(level)}
        {line !== null && ` · line ${line}`}
      </span>
    </li>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Remove({ spec }: { spec: UploadedSpec }) {
  const client = useQueryClient();
  const { may } = useMay('admin');
  const [sure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => api(`/v1/specs/${encodeURIComponent(spec.id)}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: specsQuery.queryKey }),
  });
  if (!may) return null;
  return (
    <button
      type="button"
      className={`plain-button ${sure ? 'danger' : ''}`}
      disabled={remove.isPending}
      onBlur={() => setSure(false)}
      onClick={() => (sure ? remove.mutate() : setSure(true))}
    >
      {sure ? 'Remove for good' : 'Remove'}
      <span className="sr"> {spec.name}</span>
    </button>
  );
}
