import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Icon } from '../ui/Icon';
import { useFeed } from './feed';
import { useLogout, useMe } from './session';

/** Who is logged in, and whether what is shown is what is known. */
export function Foot() {
  const me = useMe();
  const logout = useLogout();
  return (
    <div className="whose">
      <Live />
      <Link to="/settings" className="entry" activeOptions={{ exact: false }}>
        <Icon name="user" />
        <span className="whose-name">
          {me.name} <small>{me.kind === 'token' ? 'token' : me.role}</small>
        </span>
      </Link>
      <div className="whose-more">
        <a href="/docs" className="plain-button">
          API
        </a>
        <button type="button" className="plain-button" onClick={() => logout.mutate(false)} disabled={logout.isPending}>
          Log out
        </button>
      </div>
    </div>
  );
}

const WORDS = { live: 'Live', connecting: 'Connecting…', lost: 'Reconnecting…' } as const;

/** A quiet sign: it speaks up only when what is shown may be old. */
function Live() {
  const { state, heardAt } = useFeed();
  const old = useAge(state === 'live' ? null : heardAt);
  return (
    <p className={`live live-${state}`} role="status">
      <i aria-hidden="true" />
      <span>
        {WORDS[state]}
        {old && <small> as of {old} ago</small>}
      </span>
    </p>
  );
}

/** How long ago that was, kept up to date; `null` when there is nothing to say yet. */
function useAge(since: number | null): string | null {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (since === null) return;
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, [since]);
  if (since === null) return null;
  const secs = Math.max(0, Math.round((now - since) / 1000));
  if (secs < 10) return null;
  return secs < 90 ? `${secs} s` : `${Math.round(secs / 60)} min`;
}
