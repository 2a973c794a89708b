import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { label } from '../../catalog';
import { moment } from '../../format';
import { auditQuery } from '../../served/queries';
import { Empty, Panel } from '../../ui/Panel';

/** Who read or changed what, newest first. Entries are chained by hashes: `vedette audit verify` proves them. */
export function Audit() {
  // Cursors of the pages before this one.
  const [behind, setBehind] = useState<(string | undefined)[]>([]);
  const [cursor, setCursor] = useState<string | undefined>();
  const { data, error } = useQuery(auditQuery(cursor));
  return (
    <Panel
      title="Audit log"
      hint={
        <>
          Every change, and every read of personal data. Times in UTC. <code>vedette audit verify</code> proves that
          nothing was changed or cut off.
        </>
      }
    >
      {error && (
        <p className="form-error" role="alert">
          {error.message}
        </p>
      )}
      {data?.items.length === 0 && <Empty>Nothing yet.</Empty>}
      {data && data.items.length > 0 && (
        <div className="scroll-x">
          <table className="plain" aria-label="Audit log">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
                <th scope="col">Of what</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map(({ seq, at, who, action, target, detail }) => (
                <tr key={seq}>
                  <td className="moment">{moment(at)}</td>
                  <td>{who}</td>
                  <td>{label(action)}</td>
                  <td>
                    <code>{target}</code> {detail && <small className="muted">{detail}</small>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="pager">
        <button
          type="button"
          className="button"
          disabled={behind.length === 0}
          onClick={() => {
            setCursor(behind.at(-1));
            setBehind(behind.slice(0, -1));
          }}
        >
          Newer
        </button>
        <button
          type="button"
          className="button"
          disabled={!data?.next_cursor}
          onClick={() => {
            setBehind([...behind, cursor]);
            setCursor(data?.next_cursor);
          }}
        >
          Older
        </button>
      </p>
    </Panel>
  );
}
