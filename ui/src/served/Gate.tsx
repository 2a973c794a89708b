import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { label } from '../catalog';
import { Trouble } from '../ui/Trouble';
import { useListening } from './feed';
import { Login } from './Login';
import { meQuery } from './queries';
import { TriageDesk } from './triage/Desk';

/** Shows the pages to whoever is logged in, and the login to everybody else: in place, so that the address stays. */
export function Gate({ children }: { children: ReactNode }) {
  const me = useQuery(meQuery);
  if (me.isPending) return <p className="opening">Opening Vedette…</p>;
  if (me.isError) return <Trouble error={me.error} />;
  return me.data ? <Inside key={me.data.name}>{children}</Inside> : <Login />;
}

function Inside({ children }: { children: ReactNode }) {
  useListening();
  useTitle();
  return <TriageDesk>{children}</TriageDesk>;
}

/** Names the page where tabs, bookmarks and the history show it. */
function useTitle(): void {
  const first = useLocation({ select: ({ pathname }) => pathname.split('/')[1] ?? '' });
  useEffect(() => {
    document.title = `${first === '' ? 'Overview' : first === 'specs' ? 'Specifications' : label(first)} · Vedette`;
    return () => {
      document.title = 'Vedette';
    };
  }, [first]);
}
