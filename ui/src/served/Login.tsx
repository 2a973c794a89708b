import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Field } from '../ui/Field';
import { Logo } from '../ui/Logo';
import { ThemeToggle } from '../ui/ThemeToggle';
import { ApiError } from './client';
import { loginQuery } from './queries';
import { type Credentials, useLogin, useSessionEnded } from './session';

type Way = 'password' | 'token';

/** Name and password, a token, or the organization's own login. Stands where the page will be. */
export function Login() {
  const { data: options } = useQuery(loginQuery);
  const [chosen, setWay] = useState<Way | null>(null);
  const way = chosen ?? (options?.first_run ? 'token' : 'password');
  const ended = useSessionEnded();
  const returnTo = location.pathname + location.search;
  return (
    <main className="login">
      <div className="login-card">
        <p className="login-brand">
          <Logo /> <span>Vedette</span>
        </p>
        <h1>Log in</h1>
        {ended && (
          <p className="notice" role="status">
            Your session ended. Log in again to go on where you were.
          </p>
        )}
        {options?.oidc && (
          <>
            <a className="button button-main" href={`/v1/oidc/start?return_to=${encodeURIComponent(returnTo)}`}>
              Continue with {options.oidc.name}
            </a>
            <p className="login-or">
              <span>or</span>
            </p>
          </>
        )}
        {way === 'token' ? <TokenForm firstRun={options?.first_run ?? false} /> : <PasswordForm />}
        <p className="login-other">
          <button type="button" className="plain-button" onClick={() => setWay(way === 'token' ? 'password' : 'token')}>
            {way === 'token' ? 'Log in with a name and password' : 'Log in with a token'}
          </button>
        </p>
      </div>
      <ThemeToggle />
    </main>
  );
}

function PasswordForm() {
  const login = useLogin();
  // Asked for only when the server says that this user has a second factor.
  const needsCode =
    login.error instanceof ApiError && (login.error.problem.errors?.some(({ at }) => at === '/code') ?? false);
  const [coded, setCoded] = useState(false);
  if (needsCode && !coded) setCoded(true);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    const credentials: Credentials = { name: text('name'), password: text('password') };
    const code = text('code').replaceAll(/\s/g, '');
    login.mutate(code ? { ...credentials, code } : credentials);
  };
  return (
    <form onSubmit={submit} className="form">
      <Field label="Name" name="name" autoComplete="username" required autoFocus />
      <Field label="Password" name="password" type="password" autoComplete="current-password" required />
      {coded && (
        <Field
          label="Code"
          name="code"
          hint="Six digits of your authenticator, or a recovery code."
          autoComplete="one-time-code"
          inputMode="numeric"
          required
          autoFocus
        />
      )}
      <Refusal error={needsCode && login.variables?.code === undefined ? null : login.error} />
      <button type="submit" className="button button-main" disabled={login.isPending}>
        {login.isPending ? 'Checking…' : 'Log in'}
      </button>
      {!coded && (
        <button type="button" className="plain-button" onClick={() => setCoded(true)}>
          I have a second factor
        </button>
      )}
    </form>
  );
}

function TokenForm({ firstRun }: { firstRun: boolean }) {
  const login = useLogin();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get('token');
    login.mutate({ token: String(token ?? '').trim() });
  };
  return (
    <form onSubmit={submit} className="form">
      {firstRun && (
        <p className="muted">
          This Vedette is new. Paste the <b>admin token</b> that <code>vedette serve</code> printed when it first
          started; then make users under Settings.
        </p>
      )}
      <Field label="Token" name="token" type="password" autoComplete="off" required autoFocus placeholder="vdt_…" />
      <Refusal error={login.error} />
      <button type="submit" className="button button-main" disabled={login.isPending}>
        {login.isPending ? 'Checking…' : 'Log in'}
      </button>
    </form>
  );
}

/** Why a login was refused, with what to try. */
function Refusal({ error }: { error: Error | null }) {
  if (!error) return null;
  const wait = error instanceof ApiError ? error.retryAfterSecs : null;
  const hint = error instanceof ApiError ? error.problem.hint : undefined;
  return (
    <p className="form-error" role="alert">
      {error.message} {wait ? `Try again in ${wait} s.` : hint && `Hint: ${hint}.`}
    </p>
  );
}
