import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import type { TriagedActor, TriagedIncident } from '../../api/report';
import { ApiError, api } from '../client';
import type { List } from '../contract';
import { actorsQuery, incidentsQuery } from '../queries';
import { useDesk } from './Desk';

/** What can be decided about one at a time, by its resource. */
interface Things {
  incidents: TriagedIncident;
  actors: TriagedActor;
}
type Resource = keyof Things;

const LISTS = { incidents: incidentsQuery.queryKey, actors: actorsQuery.queryKey } as const;

export function pathOf(resource: Resource, id: string): string {
  return `/v1/${resource}/${encodeURIComponent(id)}`;
}

/** What is told when it is done, and what takes it back. */
interface Outcome {
  told: string;
  undo?: object;
}

/** Decides about an incident or actor, if it is still what the user saw; tells the outcome and offers to take it back. */
export function useDecide<R extends Resource>(resource: R) {
  const client = useQueryClient();
  const { say } = useDesk();
  const decide = async (thing: Things[R], change: object, { told, undo }: Outcome): Promise<void> => {
    const path = pathOf(resource, thing.id);
    try {
      const ifMatch = `"${thing.triage?.version ?? 0}"`;
      const after = await api<Things[R]>(path, { method: 'PATCH', body: change, ifMatch });
      keep(client, resource, after);
      const takeBack = () => void decide(after, undo ?? {}, { told: 'Undone.' });
      say(told, undo && { action: { name: 'Undo', run: takeBack } });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 412)) {
        say(`That could not be changed. ${error instanceof Error ? error.message : error}`, { bad: true });
        return;
      }
      const now = await api<Things[R]>(path).catch(() => null);
      if (now) keep(client, resource, now);
      const who = now?.triage?.updated_by ?? 'Somebody';
      say(`${who} decided about it meanwhile, so nothing of yours was saved. It is shown as it is now.`, { bad: true });
    }
  };
  return (thing: Things[R], change: object, outcome: Outcome) => void decide(thing, change, outcome);
}

/** Puts what was decided where the pages look. */
function keep<R extends Resource>(client: QueryClient, resource: R, after: Things[R]): void {
  client.setQueryData(
    LISTS[resource] as readonly string[],
    (list: List<Things[R]> | undefined) =>
      list && {
        ...list,
        items: list.items.map((item) => (item.id === after.id ? { ...item, triage: after.triage } : item)),
      },
  );
}
