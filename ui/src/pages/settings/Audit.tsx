import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { moment, plural } from '../../format';
import { api } from '../../served/client';
import type { AuditEntry, AuditReport } from '../../served/contract';
import { auditQuery } from '../../served/queries';
import { Empty, Panel } from '../../ui/Panel';

/** Who read or changed what, newest first. */
export function Audit() {
  // Where the pages before this one began.
  const [behind, setBehind] = useState<(number | undefined)[]>([]);
  const [before, setBefore] = useState<number | undefined>();
  const { data, error } = useQuery(auditQuery(before));
  return (
    <Panel
      title="Audit log"
      hint="Every change, and every read of personal data. Times in UTC. Entries are chained by their hashes, so that a change or a cut shows."
      action={<Verify />}
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
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((entry) => (
                <Row key={entry.seq} entry={entry} />
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
            setBefore(behind.at(-1));
            setBehind(behind.slice(0, -1));
          }}
        >
          Newer
        </button>
        <button
          type="button"
          className="button"
          disabled={!data?.next}
          onClick={() => {
            setBehind([...behind, before]);
            setBefore(data?.next ?? undefined);
          }}
        >
          Older
        </button>
      </p>
    </Panel>
  );
}

function Row({ entry: { at, actor, action, target, detail, address } }: { entry: AuditEntry }) {
  return (
    <tr>
      <td className="moment">{moment(at)}</td>
      <td>{actor.replace(/^user:/, '')}</td>
      <td className="moment">{action.replaceAll('.', ' ')}</td>
      <td>
        {target && <code>{target}</code>} {detail && <small className="muted audit-detail">{worded(detail)}</small>}
      </td>
      <td className="muted">{address}</td>
    </tr>
  );
}

/** `state accepted, version 3` of an object in JSON; other texts as they are. */
function worded(detail: string): string {
  if (!detail.startsWith('{')) return detail;
  try {
    return Object.entries(JSON.parse(detail) as Record<string, unknown>)
      .filter(([, value]) => value !== null && value !== '')
      .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
      .join(', ');
  } catch {
    return detail;
  }
}

/** Has the server compare every hash, and says what it found. */
function Verify() {
  const verify = useMutation({ mutationFn: () => api<AuditReport>('/v1/audit/verify') });
  const { data, error } = verify;
  return (
    <span className="verify">
      <span role="status" className={`small ${data && !data.whole ? 'caution' : 'muted'}`}>
        {error?.message}
        {data &&
          (data.whole
            ? `${plural(data.entries, 'entry', 'entries')}, nothing changed or cut off`
            : data.faults.join(' '))}
      </span>
      <button type="button" className="button" onClick={() => verify.mutate()} disabled={verify.isPending}>
        {verify.isPending ? 'Verifying…' : 'Verify'}
      </button>
    </span>
  );
}
