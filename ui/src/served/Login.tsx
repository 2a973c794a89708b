import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Field } from '../ui/Field';
import { Logo } from '../ui/Logo';
import { ThemeToggle } from '../ui/ThemeToggle';
import { ApiError } from './client';
import { loginQuery } from './queries';
import { type Credentials, useLogin, useSessionEnded } from './session';

type Way = 'password' | 'token';

/** What came back from the organization's own login. */
const PROVIDER_REFUSALS: Record<string, string | undefined> = {
  'oidc-denied': 'You may not use this Vedette: the login provider, or your groups there, say no.',
  'oidc-taken': 'Another user here has your name already. Ask an administrator.',
  'oidc-failed': 'The login provider did not answer as it should. Try again.',
};

/** Name and password, a token, or the organization's own login. Stands where the page will be. */
export function Login() {
  const { data: options } = useQuery(loginQuery);
  const [chosen, setWay] = useState<Way | null>(null);
  const way = chosen ?? 'password';
  const ended = useSessionEnded();
  const returnTo = location.pathname === '/login' ? '/' : location.pathname + location.search;
  const refused = PROVIDER_REFUSALS[new URLSearchParams(location.search).get('problem') ?? ''];
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
        {refused && (
          <p className="form-error" role="alert">
            {refused}
          </p>
        )}
        {options?.oidc && (
          <>
            <a className="button button-main" href={`/v1/oidc/start?return=${encodeURIComponent(returnTo)}`}>
              Continue with {options.oidc.name}
            </a>
            <p className="login-or">
              <span>or</span>
            </p>
          </>
        )}
        {way === 'token' ? <TokenForm /> : <PasswordForm />}
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

function TokenForm() {
  const login = useLogin();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get('token');
    login.mutate({ token: String(token ?? '').trim() });
  };
  return (
    <form onSubmit={submit} className="form">
      <p className="muted">
        New here? Paste the <b>admin token</b> that <code>vedette serve</code> printed when it first started. Then set a
        password and make users under Settings.
      </p>
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
