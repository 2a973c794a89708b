import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useReport } from '../../api/source';
import { moment } from '../../format';
import { api } from '../../served/client';
import type { Role, User } from '../../served/contract';
import { usersQuery } from '../../served/queries';
import { useMe } from '../../served/session';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { Empty, Panel } from '../../ui/Panel';

const ROLES: readonly [Role, string][] = [
  ['viewer', 'reads'],
  ['analyst', 'reads, hunts and judges findings'],
  ['developer', 'reads and judges findings of owned services, and sees no others'],
  ['admin', 'everything, users and settings included'],
];

/** People who may log in, and what they may do. */
export function Users() {
  const { data } = useSuspenseQuery(usersQuery);
  const [edited, setEdited] = useState<User | 'new' | null>(null);
  return (
    <Panel
      title="Users"
      hint="Changing what somebody may do ends their sessions."
      action={
        <button type="button" className="button" onClick={() => setEdited('new')}>
          New user…
        </button>
      }
    >
      {data.items.length === 0 ? (
        <Empty>No user yet: whoever holds the admin token is alone here.</Empty>
      ) : (
        <div className="scroll-x">
          <table className="plain" aria-label="Users">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Role</th>
                <th scope="col">Services</th>
                <th scope="col">Second factor</th>
                <th scope="col">Last login</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {data.items.map((user) => (
                <tr key={user.id} className={user.disabled ? 'off' : ''}>
                  <th scope="row">
                    {user.name} {user.disabled && <span className="chip tag caution">disabled</span>}
                  </th>
                  <td>{user.role}</td>
                  <td>
                    {user.services.join(', ') ||
                      (user.role === 'developer' ? <span className="caution">none</span> : 'all')}
                  </td>
                  <td>
                    {user.oidc ? 'at the provider' : user.second_factor ? 'on' : <span className="caution">off</span>}
                  </td>
                  <td>{user.login_at ? moment(user.login_at) : <span className="faint">never</span>}</td>
                  <td className="num">
                    <button type="button" className="plain-button" onClick={() => setEdited(user)}>
                      Change<span className="sr"> {user.name}</span>
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {edited && <UserDialog user={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </Panel>
  );
}

function UserDialog({ user, onClose }: { user: User | null; onClose: () => void }) {
  const client = useQueryClient();
  const me = useMe();
  const { services } = useReport();
  const [role, setRole] = useState<Role>(user?.role ?? 'viewer');
  const [sure, setSure] = useState(false);
  const path = user ? `/v1/users/${encodeURIComponent(user.id)}` : '/v1/users';
  const done = {
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: usersQuery.queryKey });
    },
  };
  const save = useMutation({
    mutationFn: (body: object) => api(path, { method: user ? 'PATCH' : 'POST', body }),
    ...done,
  });
  const remove = useMutation({ mutationFn: () => api(path, { method: 'DELETE' }), ...done });
  const reset = useMutation({ mutationFn: () => api(`${path}/totp`, { method: 'DELETE' }), ...done });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get('password') ?? '');
    save.mutate({
      ...(user ? { disabled: form.get('disabled') !== null } : { name: String(form.get('name')).trim() }),
      ...(password ? { password } : {}),
      role,
      services: role === 'developer' ? form.getAll('service').map(String) : [],
    });
  };
  const error = save.error ?? remove.error ?? reset.error;
  return (
    <Dialog title={user ? `Change ${user.name}` : 'New user'} onClose={onClose}>
      <form onSubmit={submit} className="form">
        {!user && <Field label="Name" name="name" autoComplete="off" required maxLength={100} autoFocus />}
        <Field
          label={user ? 'New password' : 'Password'}
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={12}
          required={!user}
          hint={user ? 'Empty keeps the present one.' : 'At least 12 characters; to be changed by its owner.'}
        />
        <fieldset className="choices choices-column">
          <legend>Role</legend>
          {ROLES.map(([value, means]) => (
            <label key={value}>
              <input type="radio" name="role" checked={role === value} onChange={() => setRole(value)} /> <b>{value}</b>{' '}
              <span className="muted">{means}</span>
            </label>
          ))}
        </fieldset>
        {role === 'developer' && (
          <fieldset className="choices choices-column choices-scroll">
            <legend>Owned services</legend>
            {services.map(({ name }) => (
              <label key={name}>
                <input type="checkbox" name="service" value={name} defaultChecked={user?.services.includes(name)} />{' '}
                {name}
              </label>
            ))}
          </fieldset>
        )}
        {user?.second_factor && user.id !== me.id && (
          <p>
            <button type="button" className="plain-button" onClick={() => reset.mutate()} disabled={reset.isPending}>
              Remove the second factor
            </button>{' '}
            <span className="muted small">for somebody who lost app and recovery codes</span>
          </p>
        )}
        {user && user.id !== me.id && (
          <fieldset className="choices">
            <legend className="sr">Access</legend>
            <label>
              <input type="checkbox" name="disabled" defaultChecked={user.disabled} /> May not log in
            </label>
          </fieldset>
        )}
        {error && (
          <p className="form-error" role="alert">
            {error.message}
          </p>
        )}
        <p className="form-end">
          {user && user.id !== me.id && (
            <button
              type="button"
              className="plain-button danger"
              onClick={() => (sure ? remove.mutate() : setSure(true))}
              disabled={remove.isPending}
            >
              {sure ? `Remove ${user.name} for good` : 'Remove'}
            </button>
          )}
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-main" disabled={save.isPending}>
            {user ? 'Save' : 'Make user'}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
