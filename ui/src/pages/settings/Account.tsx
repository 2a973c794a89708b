import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api } from '../../served/client';
import { meQuery } from '../../served/queries';
import { useLogout, useMe } from '../../served/session';
import { Field } from '../../ui/Field';
import { Panel } from '../../ui/Panel';
import { SecondFactor } from './SecondFactor';

/** Who is logged in, and how this login is kept safe. */
export function Account() {
  const me = useMe();
  const logout = useLogout();
  return (
    <>
      <Panel title={me.name} hint={me.kind === 'token' ? 'Logged in with an API token.' : undefined}>
        <dl className="facts facts-bare">
          <div>
            <dt>Role</dt>
            <dd>{me.role}</dd>
          </div>
          <div>
            <dt>May</dt>
            <dd>{me.scopes.join(', ')}</dd>
          </div>
          <div>
            <dt>Services</dt>
            <dd>{me.services === null ? 'all' : me.services.join(', ') || 'none'}</dd>
          </div>
          <div>
            <dt>Tenant</dt>
            <dd>{me.tenant}</dd>
          </div>
        </dl>
        <p className="pager">
          <button type="button" className="button" onClick={() => logout.mutate(false)} disabled={logout.isPending}>
            Log out
          </button>
          {me.kind === 'user' && (
            <button type="button" className="button" onClick={() => logout.mutate(true)} disabled={logout.isPending}>
              Log out everywhere
            </button>
          )}
        </p>
      </Panel>
      {me.kind === 'user' ? (
        <>
          <SecondFactor />
          <Password />
        </>
      ) : (
        <p className="muted">A token has no password and no second factor. Make a user to have both.</p>
      )}
    </>
  );
}

function Password() {
  const me = useMe();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (body: { old?: string; new: string }) => api('/v1/me/password', { method: 'PUT', body }),
    // The session is a new one, and so is what proves that writes come from here.
    onSuccess: () => client.fetchQuery({ ...meQuery, staleTime: 0 }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const old = data.get('old');
    change.mutate(
      { ...(old === null ? {} : { old: String(old) }), new: String(data.get('new')) },
      { onSuccess: () => form.reset() },
    );
  };
  return (
    <Panel
      title="Password"
      hint={
        me.password
          ? 'Changing it ends your other sessions.'
          : 'You have none yet: you came with a token, or by a login provider.'
      }
    >
      <form onSubmit={submit} className="form form-narrow">
        {me.password && (
          <Field label="Current password" name="old" type="password" autoComplete="current-password" required />
        )}
        <Field
          label="New password"
          name="new"
          type="password"
          autoComplete="new-password"
          minLength={12}
          required
          hint="At least 12 characters; a few words that do not belong together are good."
        />
        {change.error && (
          <p className="form-error" role="alert">
            {change.error.message}
          </p>
        )}
        {change.isSuccess && <p role="status">The password is set.</p>}
        <p>
          <button type="submit" className="button" disabled={change.isPending}>
            {me.password ? 'Change password' : 'Set password'}
          </button>
        </p>
      </form>
    </Panel>
  );
}
