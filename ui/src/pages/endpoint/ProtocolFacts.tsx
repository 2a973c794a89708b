import type { Report } from '../../api/report';
import type { Distribution, Endpoint, McpFacts, Protocol } from '../../api/results';
import { kind } from '../../catalog';
import { bytes, compact, count, moment, ratio } from '../../format';
import { Bars } from '../../ui/Bars';
import { Record } from '../../ui/FindingCard';
import { Panel } from '../../ui/Panel';
import { Quantiles } from '../../ui/Quantiles';
import { SchemaTree } from '../../ui/SchemaTree';

interface Quantity {
  name: string;
  values: Distribution | null | undefined;
  format: (value: number) => string;
}

interface Props {
  endpoint: Endpoint;
  protocol: Protocol;
  report: Report;
}

/** What the protocol inside HTTP tells: where it is carried, sizes, failures, models, declarations. */
export function ProtocolFacts({ endpoint, protocol, report }: Props) {
  const measured = quantities(protocol).filter((one) => one.values);
  return (
    <>
      <Panel title={kind(endpoint.kind)} hint={carried(endpoint, protocol)} className="span-12">
        {measured.length > 0 && <Quantiles rows={measured} />}
        <Words protocol={protocol} />
      </Panel>
      <Counts title="Failures" hint="By the protocol's own codes." counts={protocol.errors} endpoint={endpoint} />
      <Counts title="Models" counts={protocol.llm?.models} endpoint={endpoint} />
      <Counts title="Tools offered" counts={protocol.llm?.tools} endpoint={endpoint} />
      {protocol.mcp && <Declaration mcp={protocol.mcp} report={report} />}
    </>
  );
}

function carried(endpoint: Endpoint, protocol: Protocol) {
  if (!protocol.operation) return 'The HTTP endpoint itself.';
  return (
    <>
      <code>{protocol.operation}</code>, carried by{' '}
      <code>
        {endpoint.method} {protocol.path}
      </code>
      .
    </>
  );
}

function quantities(protocol: Protocol): Quantity[] {
  const { graphql, llm, stream } = protocol;
  return [
    { name: 'Operations in a batch', values: protocol.batch, format: compact },
    { name: 'Levels of fields', values: graphql?.depth, format: compact },
    { name: 'Cost (fields × page sizes)', values: graphql?.cost, format: compact },
    { name: 'Aliases', values: graphql?.aliases, format: compact },
    { name: 'Tokens read', values: llm?.input_tokens, format: compact },
    { name: 'Tokens written', values: llm?.output_tokens, format: compact },
    { name: 'Messages sent', values: stream?.sent, format: compact },
    { name: 'Messages received', values: stream?.received, format: compact },
    { name: 'Size of a sent message', values: stream?.sent_bytes, format: bytes },
    { name: 'Size of a received message', values: stream?.received_bytes, format: bytes },
  ];
}

function Words({ protocol }: { protocol: Protocol }) {
  const { graphql, llm } = protocol;
  const told = [
    graphql && graphql.operations.length > 0 && `Clients call the operation ${graphql.operations.join(', ')}.`,
    graphql && graphql.persisted > 0 && `${count(graphql.persisted)} calls named a stored text by its hash.`,
    llm && llm.streamed > 0 && `${count(llm.streamed)} answers were streamed.`,
  ].filter(Boolean);
  return told.length > 0 ? <p>{told.join(' ')}</p> : null;
}

interface CountsProps {
  title: string;
  hint?: string;
  counts: { [key: string]: number } | undefined;
  endpoint: Endpoint;
}

function Counts({ title, hint, counts, endpoint }: CountsProps) {
  const sorted = Object.entries(counts ?? {}).sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
  if (sorted.length === 0) return null;
  return (
    <Panel title={title} hint={hint} className="span-6">
      <Bars
        name={title}
        max={endpoint.exchanges}
        bars={sorted.map(([word, value]) => ({
          key: word,
          label: <code>{word}</code>,
          value,
          text: `${compact(value)} · ${ratio(value, endpoint.exchanges)}`,
        }))}
      />
    </Panel>
  );
}

/** How the server declares an MCP tool, and when it declared it otherwise. */
function Declaration({ mcp, report }: { mcp: McpFacts; report: Report }) {
  return (
    <Panel
      title="Declaration"
      hint={`Description of ${bytes(mcp.description_bytes)}, hash ${mcp.description_hash}.`}
      className="span-12"
    >
      {mcp.changes.length === 0 ? (
        <p className="muted">It was declared the same every time.</p>
      ) : (
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">Since (UTC)</th>
                <th scope="col">Changed</th>
                <th scope="col">Description</th>
                <th scope="col">Record</th>
              </tr>
            </thead>
            <tbody>
              {mcp.changes.map((change) => (
                <tr key={`${change.source} ${change.exchange} ${change.description_hash}`}>
                  <td>{moment(change.at)}</td>
                  <td className="caution">{change.changed.join(', ').replaceAll('-', ' ')}</td>
                  <td>
                    <code>{change.description_hash}</code>
                  </td>
                  <td>
                    <Record source={change.source} exchange={change.exchange} report={report} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {mcp.input_schema ? <SchemaTree schema={mcp.input_schema} name="Declared arguments" /> : null}
    </Panel>
  );
}
