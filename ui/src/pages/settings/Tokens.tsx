import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { day, moment } from '../../format';
import { api } from '../../served/client';
import type { ApiToken, Scope } from '../../served/contract';
import { tokensQuery } from '../../served/queries';
import { useMay, useMe } from '../../served/session';
import { Copyable } from '../../ui/Copyable';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { Empty, Panel } from '../../ui/Panel';

const SCOPES: readonly [Scope, string][] = [
  ['ingest', 'Send exchanges'],
  ['read', 'Read what was learned'],
  ['hunt', 'Run hunts'],
  ['triage', 'Judge findings'],
  ['admin', 'Everything else'],
];
const DAY_MS = 86_400_000;

/** Tokens for programs: collectors, pipelines, scripts. */
export function Tokens() {
  const { data } = useSuspenseQuery(tokensQuery);
  const me = useMe();
  const { may: isAdmin } = useMay('admin');
  // A token that leaks must not multiply.
  const may = me.kind === 'user' || isAdmin;
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  return (
    <Panel
      title="API tokens"
      hint={`For collectors, pipelines and scripts. ${isAdmin ? 'All of them; what' : 'Yours; what'} a token may do is never more than its maker may.`}
      action={
        may && (
          <button type="button" className="button" onClick={() => setMaking(true)}>
            New token…
          </button>
        )
      }
    >
      {made && (
        <div className="notice notice-good">
          <p>
            <b>This is the token.</b> Copy it now: it is stored as a hash and cannot be shown again.
          </p>
          <Copyable name="Token" text={made} />
        </div>
      )}
      {data.items.length === 0 ? (
        <Empty>No token yet.</Empty>
      ) : (
        <div className="scroll-x">
          <table className="plain" aria-label="API tokens">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">May</th>
                <th scope="col">Made</th>
                <th scope="col">Last used</th>
                <th scope="col">Ends</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {data.items.map((token) => (
                <Row key={token.id} token={token} may={may} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {making && <NewToken onClose={() => setMaking(false)} onMade={setMade} />}
    </Panel>
  );
}

function Row({ token, may }: { token: ApiToken; may: boolean }) {
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const revoke = useMutation({
    mutationFn: () => api(`/v1/tokens/${encodeURIComponent(token.id)}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  const ended = token.expires_at !== null && Date.parse(token.expires_at) < Date.now();
  return (
    <tr>
      <th scope="row">
        {token.name}
        {token.services.length > 0 && <small className="muted">{token.services.join(', ')}</small>}
      </th>
      <td>{token.scopes.join(', ')}</td>
      <td>{day(token.created_at)}</td>
      <td>{token.used_at ? moment(token.used_at) : <span className="faint">never</span>}</td>
      <td className={ended ? 'caution' : ''}>{token.expires_at ? day(token.expires_at) : 'never'}</td>
      <td className="num">
        {may &&
          (sure ? (
            <button
              type="button"
              className="plain-button danger"
              onClick={() => revoke.mutate()}
              disabled={revoke.isPending}
            >
              Revoke for good<span className="sr"> {token.name}</span>
            </button>
          ) : (
            <button type="button" className="plain-button" onClick={() => setSure(true)}>
              Revoke<span className="sr"> {token.name}</span>
            </button>
          ))}
        {revoke.error && <small className="caution">{revoke.error.message}</small>}
      </td>
    </tr>
  );
}

function NewToken({ onClose, onMade }: { onClose: () => void; onMade: (token: string) => void }) {
  const client = useQueryClient();
  const me = useMe();
  const [days, setDays] = useState(90);
  const first = SCOPES.find(([scope]) => me.scopes.includes(scope))?.[0];
  const make = useMutation({
    mutationFn: (body: { name: string; scopes: Scope[]; expires_at: string | null }) =>
      api<{ secret: string }>('/v1/tokens', { method: 'POST', body }),
    onSuccess: ({ secret }) => {
      onMade(secret);
      onClose();
      return client.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    make.mutate({
      name: String(form.get('name')).trim(),
      scopes: SCOPES.map(([scope]) => scope).filter((scope) => form.get(scope) !== null),
      expires_at: days > 0 ? new Date(Date.now() + days * DAY_MS).toISOString() : null,
    });
  };
  return (
    <Dialog title="New API token" onClose={onClose}>
      <form onSubmit={submit} className="form">
        <Field label="Name" name="name" required maxLength={100} placeholder="nginx-collector" autoFocus />
        <fieldset className="choices choices-column">
          <legend>May</legend>
          {SCOPES.map(([scope, means]) => (
            <label key={scope}>
              <input
                type="checkbox"
                name={scope}
                defaultChecked={scope === first}
                disabled={!me.scopes.includes(scope)}
              />{' '}
              <b>{scope}</b> <span className="muted">{means}</span>
            </label>
          ))}
        </fieldset>
        <fieldset className="choices">
          <legend>Ends after</legend>
          {[30, 90, 365, 0].map((value) => (
            <label key={value}>
              <input type="radio" name="days" checked={days === value} onChange={() => setDays(value)} />{' '}
              {value === 0 ? 'never' : value === 365 ? 'a year' : `${value} days`}
            </label>
          ))}
        </fieldset>
        {make.error && (
          <p className="form-error" role="alert">
            {make.error.message}
          </p>
        )}
        <p className="form-end">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-main" disabled={make.isPending}>
            Make token
          </button>
        </p>
      </form>
    </Dialog>
  );
}
