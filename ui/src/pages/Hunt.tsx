import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, useLocation } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { plural } from '../format';
import type { Cell, HuntTable, SavedHunt } from '../served/contract';
import { huntsQuery, tablesQuery } from '../served/queries';
import { useMay, useMe } from '../served/session';
import { Icon } from '../ui/Icon';
import { Empty } from '../ui/Panel';
import { fromHash, toHash } from './hunt/address';
import { Editor } from './hunt/Editor';
import { HuntError } from './hunt/HuntError';
import { HuntList } from './hunt/HuntList';
import { remember } from './hunt/history';
import { Parameters } from './hunt/Parameters';
import { type Asked, parameterNames, typedValues, withTypes } from './hunt/parameters';
import { usePosition } from './hunt/position';
import { Results } from './hunt/Results';
import { useRun } from './hunt/run';
import { SaveHunt } from './hunt/SaveHunt';

const route = getRouteApi('/hunt');

const FIRST = `-- Ctrl+Enter runs it, Ctrl+Space completes.
select endpoint, count(*) as failures
from exchanges
where status >= 500
group by endpoint
order by failures desc
limit 20
`;

/** SQL over everything that is kept. */
export function Hunt() {
  const { may, why } = useMay('hunt');
  if (may) return <Workbench />;
  return (
    <div className="page">
      <header className="page-head">
        <h1>Hunt</h1>
      </header>
      <Empty>{why} Hunts see all services and all actors.</Empty>
    </div>
  );
}

function Workbench() {
  const me = useMe();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const hash = useLocation({ select: (location) => location.hash });
  const { data: tables } = useQuery(tablesQuery);
  const { data: hunts } = useSuspenseQuery(huntsQuery);
  const run = useRun();
  const saved = hunts.items.find(({ id }) => id === search.saved);
  const [text, setText] = useState(() => fromHash(hash).sql ?? saved?.sql ?? FIRST);
  const [origin, setOrigin] = useState(0);
  const [values, setValues] = useState<Record<string, string>>(() => fromHash(hash).values);
  const [saving, setSaving] = useState(false);

  const names = useMemo(() => parameterNames(text), [text]);
  const definitions = useMemo(
    () => names.map((name) => saved?.parameters.find((one) => one.name === name) ?? untyped(name)),
    [names, saved],
  );
  const trouble = usePosition(run.error, text);

  const start = (code: string, given: Record<string, string>, hunt: SavedHunt | undefined) => {
    const used = parameterNames(code);
    const known = used.map((name) => hunt?.parameters.find((one) => one.name === name) ?? untyped(name));
    const parameters: Record<string, Cell> = typedValues(known, given);
    run.start(hunt?.sql === code ? { saved: hunt.id, parameters } : { sql: withTypes(code, known), parameters });
    remember(me.name, { sql: code, values: given });
    void navigate({ search: (now) => now, hash: toHash(code, given), replace: true, resetScroll: false });
  };
  const show = (code: string, given: Record<string, string>) => {
    setText(code);
    setOrigin(origin + 1);
    setValues(given);
    run.clear();
  };
  const choose = (hunt: SavedHunt) => {
    show(hunt.sql, {});
    void navigate({ search: { saved: hunt.id }, hash: '', resetScroll: false });
  };
  const recall = (code: string, given: Record<string, string>) => {
    show(code, given);
    void navigate({ search: {}, hash: toHash(code, given), resetScroll: false });
  };

  return (
    <div className="page page-wide hunt">
      <header className="page-head">
        <h1>{saved?.title ?? 'Hunt'}</h1>
        <p className="muted">
          {saved?.question ?? 'SQL over everything that is kept. It reads, and cannot change anything.'}
        </p>
      </header>
      <div className="hunt-split">
        <HuntList hunts={hunts.items} chosen={search.saved} user={me.name} onChoose={choose} onRecall={recall} />
        <div className="hunt-main">
          <section className="hunt-desk" aria-label="Query">
            <Editor
              value={text}
              origin={origin}
              tables={tables?.items ?? []}
              trouble={trouble}
              onChange={setText}
              onRun={(code) => start(code, values, saved)}
            />
            <Parameters definitions={definitions} values={values} onChange={setValues} />
            <div className="hunt-bar">
              {run.running ? (
                <button type="button" className="button" onClick={run.cancel}>
                  <Icon name="close" size={14} /> Cancel
                </button>
              ) : (
                <button type="button" className="button button-main" onClick={() => start(text, values, saved)}>
                  <Icon name="play" size={14} /> Run <kbd>{RUN_KEYS}</kbd>
                </button>
              )}
              <button type="button" className="button" onClick={() => setSaving(true)}>
                Save…
              </button>
              <Clock running={run.running} />
            </div>
          </section>
          {run.error && <HuntError error={run.error} />}
          {run.result && run.request && (
            <Results
              result={run.result}
              request={run.request}
              sort={search.sort ?? ''}
              onSort={(sort) =>
                void navigate({ search: (now) => ({ ...now, sort }), hash: true, replace: true, resetScroll: false })
              }
            />
          )}
          {!run.result && !run.error && !run.running && (
            <Tables tables={tables?.items ?? []} onTry={(example) => recall(example, {})} />
          )}
        </div>
      </div>
      {saving && <SaveHunt sql={text} parameters={definitions} saved={saved} onClose={() => setSaving(false)} />}
    </div>
  );
}

/** A parameter that nobody described. */
const untyped = (name: string): Asked => ({ name, help: '' });

const RUN_KEYS = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘↵' : 'Ctrl ↵';

/** How long a hunt has been running; silent while it is quick. */
function Clock({ running }: { running: boolean }) {
  const [secs, setSecs] = useState(0);
  useEffect(() => {
    setSecs(0);
    if (!running) return;
    const timer = setInterval(() => setSecs((now) => now + 1), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return (
    <span className="muted small" role="status">
      {running && (secs < 1 ? 'Running…' : `Running for ${secs} s…`)}
    </span>
  );
}

/** What there is to ask, before anything was. */
function Tables({ tables, onTry }: { tables: HuntTable[]; onTry: (example: string) => void }) {
  return (
    <section className="hunt-tables" aria-label="Tables">
      <h2>{plural(tables.length, 'table')}</h2>
      {tables.map(({ name, about, example, columns }) => (
        <details key={name}>
          <summary>
            <Icon name="chevron" size={13} /> <code>{name}</code> <span className="muted">{about}</span>
          </summary>
          <dl>
            {columns.map((column) => (
              <div key={column.name}>
                <dt>
                  <code>{column.name}</code> <small className="muted">{column.type}</small>
                </dt>
                <dd className="muted">{column.about}</dd>
              </div>
            ))}
          </dl>
          {example && (
            <p className="hunt-example">
              <code>{example}</code>{' '}
              <button type="button" className="plain-button" onClick={() => onTry(example)}>
                Try it<span className="sr"> on {name}</span>
              </button>
            </p>
          )}
        </details>
      ))}
    </section>
  );
}
