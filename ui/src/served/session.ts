import { queryOptions, useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { forgetHunts } from '../pages/hunt/history';
import { ApiError, api, forget, query, setCsrf } from './client';
import type { Me, Scope } from './contract';
import { meQuery } from './queries';

export interface Credentials {
  name?: string;
  password?: string;
  code?: string;
  token?: string;
}

/** True from the moment a session was found to have ended until the next login: the login form says so. */
const endedQuery = queryOptions({
  queryKey: ['session-ended'],
  queryFn: () => false,
  staleTime: Number.POSITIVE_INFINITY,
});

export function useSessionEnded(): boolean {
  return useQuery(endedQuery).data ?? false;
}

/** Who is logged in. Only below the gate, where somebody is. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuery);
  if (!data) throw new ApiError({ type: 'unauthenticated', title: 'Nobody is logged in', status: 401 });
  return data;
}

/** Whether the scope is there, and the sentence that says why something is not possible without it. */
export function useMay(scope: Scope): { may: boolean; why: string } {
  const me = useMe();
  const may = me.scopes.includes(scope);
  const who = me.kind === 'user' ? `The role ${me.role}` : 'This token';
  return { may, why: may ? '' : `${who} may not do this (it lacks the scope ${scope}).` };
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Credentials) =>
      api<{ user: Me; csrf: string }>('/v1/login', { method: 'POST', body: credentials }),
    onSuccess: async ({ csrf }) => {
      setCsrf(csrf);
      client.setQueryData(endedQuery.queryKey, false);
      forget();
      // Somebody else may log in: nothing of the former session is shown.
      client.removeQueries({ predicate: ({ queryKey: [name] }) => name !== 'me' && name !== 'login' });
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
    },
  });
}

export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (everywhere: boolean) =>
      api<void>(`/v1/logout${query({ everywhere: everywhere ? 'true' : undefined })}`, { method: 'POST' }),
    onSettled: () => {
      const me = client.getQueryData(meQuery.queryKey);
      if (me) forgetHunts(me.name);
      forget();
      client.setQueryData(meQuery.queryKey, null);
      client.removeQueries({ predicate: ({ queryKey: [name] }) => name !== 'me' && name !== 'login' });
    },
  });
}

/** What to do when the server says that nobody is logged in: show the login in place, keep the page. */
export function sessionEnded(client: ReturnType<typeof useQueryClient>): void {
  if (!client.getQueryData(meQuery.queryKey)) return;
  client.setQueryData(endedQuery.queryKey, true);
  client.setQueryData(meQuery.queryKey, null);
}
