import { useState } from 'react';
import type { Report } from '../../api/report';
import type { Endpoint, Field } from '../../api/results';
import { compact, count, percent, plural } from '../../format';
import { ClassChip } from '../../ui/Chips';
import { Panel } from '../../ui/Panel';
import { usePrinting } from '../../ui/printing';

/** Fields shown before the reader asks for the rest. */
const SHOWN = 40;

/** Parameters and body fields, with the masked proof of every class. */
export function Fields({ endpoint, report }: { endpoint: Endpoint; report: Report }) {
  if (endpoint.fields.length === 0) return null;
  return (
    <Panel
      title="Parameters and fields"
      hint={`${plural(endpoint.fields.length, 'field')} seen. Excerpts of classified values are masked.`}
      className="span-12"
    >
      <Side title="Request" fields={endpoint.fields.filter((field) => field.side === 'request')} report={report} />
      <Side title="Response" fields={endpoint.fields.filter((field) => field.side !== 'request')} report={report} />
    </Panel>
  );
}

function Side({ title, fields, report }: { title: string; fields: Field[]; report: Report }) {
  const [all, setAll] = useState(false);
  const printing = usePrinting();
  if (fields.length === 0) return null;
  const shown = all || printing ? fields : fields.slice(0, SHOWN);
  return (
    <>
      <div className="scroll-x">
        <table className="plain fields">
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">In</th>
              <th scope="col">Type</th>
              <th scope="col" className="num">
                Present
              </th>
              <th scope="col" className="num">
                Distinct
              </th>
              <th scope="col">Holds</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((field, at) => (
              <tr key={at} className={field.classes.length > 0 ? 'classified' : ''}>
                <th scope="row">
                  <code>{field.name}</code>
                </th>
                <td className="muted">
                  {field.in}
                  {field.status && ` ${field.status}`}
                </td>
                <td>
                  {field.types.join(' or ')}
                  {field.format && <small className="muted"> {field.format}</small>}
                  <Values field={field} />
                </td>
                <td className="num">{percent(field.presence)}</td>
                <td className="num">{compact(field.distinct)}</td>
                <td>
                  {field.classes.map((held) => (
                    <span key={held.class} className="holds">
                      <ClassChip name={held.class} report={report} />
                      <code>{held.excerpt}</code>
                      <small className="muted">
                        {percent(held.share)} of values, {percent(held.confidence)} sure
                      </small>
                    </span>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < fields.length && (
        <button type="button" className="more-button" onClick={() => setAll(true)}>
          Show {count(fields.length - shown.length)} more
        </button>
      )}
    </>
  );
}

/** The closed set of values, or the limits that all values kept. */
function Values({ field }: { field: Field }) {
  if (field.values.length > 0) {
    const rest = field.values.length - 6;
    return (
      <small className="values">
        {field.values.slice(0, 6).map((value) => (
          <code key={value}>{value}</code>
        ))}
        {rest > 0 && `+${rest}`}
      </small>
    );
  }
  const numbers =
    typeof field.min === 'number' && typeof field.max === 'number' && `${compact(field.min)} to ${compact(field.max)}`;
  const length =
    typeof field.max_length === 'number' && field.max_length > 0 && `up to ${count(field.max_length)} characters`;
  return numbers || length ? <small className="muted limits">{numbers || length}</small> : null;
}
