import { useState } from 'react';
import type { Endpoint } from '../../api/results';
import { Panel } from '../../ui/Panel';
import { usePrinting } from '../../ui/printing';
import { SchemaTree } from '../../ui/SchemaTree';

/** The learned shapes of request and response bodies. */
export function Schemas({ endpoint }: { endpoint: Endpoint }) {
  const printing = usePrinting();
  const all = [
    ...(endpoint.request_schema
      ? [{ name: 'Request', schema: endpoint.request_schema as unknown, media: endpoint.request_content_types }]
      : []),
    ...Object.entries(endpoint.response_schemas).map(([status, schema]) => ({
      name: `Response ${status}`,
      schema,
      media: endpoint.response_content_types,
    })),
  ];
  const [chosen, choose] = useState(0);
  if (all.length === 0) return null;
  const shown = printing ? all : all.slice(chosen, chosen + 1);
  return (
    <Panel title="Body schemas" hint="Learned from what was sent and answered." className="span-12">
      {all.length > 1 && (
        <fieldset className="segments schema-choice">
          <legend className="sr">Body</legend>
          {all.map(({ name }, at) => (
            <button key={name} type="button" aria-pressed={at === chosen} onClick={() => choose(at)}>
              {name}
            </button>
          ))}
        </fieldset>
      )}
      {shown.map(({ name, schema, media }) => (
        <div key={name} className="schema-box">
          <p className="muted small">
            {name}
            {media.length > 0 && ` · ${media.join(', ')}`}
          </p>
          <SchemaTree schema={schema} name={`${name} schema`} />
        </div>
      ))}
    </Panel>
  );
}
