import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api } from '../../served/client';
import { meQuery } from '../../served/queries';
import { useMe } from '../../served/session';
import { Copyable } from '../../ui/Copyable';
import { Field } from '../../ui/Field';
import { Panel } from '../../ui/Panel';
import { QrCode } from './QrCode';

interface Enrolment {
  secret: string;
  url: string;
}

/** Sets up or removes the codes of an authenticator (TOTP). */
export function SecondFactor() {
  const { second_factor: on } = useMe();
  const client = useQueryClient();
  const start = useMutation({ mutationFn: () => api<Enrolment>('/v1/me/totp', { method: 'POST' }) });
  const confirm = useMutation({
    mutationFn: (code: string) =>
      api<{ recovery_codes: string[] }>('/v1/me/totp/confirm', { method: 'POST', body: { code } }),
    onSuccess: () => client.fetchQuery({ ...meQuery, staleTime: 0 }),
  });
  const remove = useMutation({
    mutationFn: (code: string) => api('/v1/me/totp/remove', { method: 'POST', body: { code } }),
    onSuccess: () => {
      start.reset();
      confirm.reset();
      return client.fetchQuery({ ...meQuery, staleTime: 0 });
    },
  });
  const coded = (mutation: { mutate: (code: string) => void }) => (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    mutation.mutate(String(new FormData(event.currentTarget).get('code') ?? '').replaceAll(/\s/g, ''));
  };
  const error = start.error ?? confirm.error ?? remove.error;
  return (
    <Panel title="Second factor" hint="A code of an authenticator app, asked for beside the password.">
      {error && (
        <p className="form-error" role="alert">
          {error.message}
        </p>
      )}
      {confirm.data && (
        <div className="notice notice-good">
          <p>
            <b>It is on.</b> Keep these recovery codes where your phone is not; each works once.
          </p>
          <Copyable name="Recovery codes" text={confirm.data.recovery_codes.join('\n')} />
        </div>
      )}
      {on ? (
        <form onSubmit={coded(remove)} className="form form-narrow">
          <p>It is on.</p>
          <details>
            <summary className="plain-button">Turn it off…</summary>
            <Code name="A current code, to turn it off" />
            <p>
              <button type="submit" className="button" disabled={remove.isPending}>
                Turn off
              </button>
            </p>
          </details>
        </form>
      ) : start.data ? (
        <form onSubmit={coded(confirm)} className="form enrol">
          <QrCode text={start.data.url} name="QR code for the authenticator" />
          <div className="form form-narrow">
            <p>Scan the code with an authenticator app, or type the secret into it:</p>
            <p>
              <code className="secret">{start.data.secret}</code>
            </p>
            <Code name="The code that it shows" />
            <p>
              <button type="submit" className="button button-main" disabled={confirm.isPending}>
                Turn on
              </button>
            </p>
          </div>
        </form>
      ) : (
        <p>
          <button type="button" className="button" onClick={() => start.mutate()} disabled={start.isPending}>
            Set up
          </button>
        </p>
      )}
    </Panel>
  );
}

function Code({ name }: { name: string }) {
  return <Field label={name} name="code" inputMode="numeric" autoComplete="one-time-code" required maxLength={12} />;
}
