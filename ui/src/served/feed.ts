import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiError, api } from './client';
import { LIST_FRESH_MS, refresh } from './queries';
import { sessionEnded } from './session';

/** What is known of the feed of events. */
export interface Feed {
  state: 'connecting' | 'live' | 'lost';
  /** When the last event or heartbeat came, by this machine's clock. */
  heardAt: number | null;
  /** Exchanges per second, newest last. */
  rates: Rate[];
}

export interface Rate {
  at: number;
  perSecond: number;
}

/** Points of the rate that are kept: ten minutes and more, at one every five seconds. */
const RATES_MAX = 150;
/** Waits after a lost feed, in turn: quick at first, never a burden to a server that is down. */
const BACKOFF_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
/** Totals come every few seconds; after this long without any, the connection is dead. */
const SILENT_MS = 40_000;

const NOTHING: Feed = { state: 'connecting', heardAt: null, rates: [] };

const feedQuery = queryOptions({
  queryKey: ['feed'],
  queryFn: () => NOTHING,
  staleTime: Number.POSITIVE_INFINITY,
});

export function useFeed(): Feed {
  return useQuery(feedQuery).data ?? NOTHING;
}

/** Listens to the server as long as the component lives, and lets what pages show follow. */
export function useListening(): void {
  const client = useQueryClient();
  useEffect(() => listen(client), [client]);
}

/** Totals as the feed tells them. */
interface StatsEvent {
  at: string;
  rate: number;
}

function listen(client: QueryClient): () => void {
  let source: EventSource | null = null;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let trailing: ReturnType<typeof setTimeout> | undefined;

  // Lists are asked for rarely; without a second time, the last event before silence would never reach them.
  const follow = () => {
    // A tab that nobody sees asks for nothing; it catches up when it is shown again.
    if (document.hidden) return;
    refresh(client);
    trailing ??= setTimeout(() => {
      trailing = undefined;
      refresh(client);
    }, LIST_FRESH_MS + 500);
  };
  const set = (change: (feed: Feed) => Partial<Feed>) =>
    client.setQueryData(feedQuery.queryKey, (feed: Feed = NOTHING): Feed => ({ ...feed, ...change(feed) }));
  const heard = () => {
    failures = 0;
    set(() => ({ state: 'live', heardAt: Date.now() }));
    clearTimeout(timer);
    // A connection may be dead without an error, after a laptop slept for instance.
    timer = setTimeout(connect, SILENT_MS);
  };
  const lost = () => {
    set(() => ({ state: 'lost' }));
    failures += 1;
    // A feed that ends because the session did cannot say so; the next question does.
    api('/v1/me').catch((error) => error instanceof ApiError && error.status === 401 && sessionEnded(client));
    // After a loss the browser tries again by itself, with the number of the last event; after a refusal it does not.
    if (source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(timer);
    timer = setTimeout(connect, BACKOFF_MS[Math.min(failures, BACKOFF_MS.length) - 1]);
  };
  const connect = () => {
    source?.close();
    source = new EventSource('/v1/feed');
    source.onopen = () => {
      heard();
      // What happened while nobody listened.
      follow();
    };
    source.onerror = lost;
    source.addEventListener('stats', (event) => {
      heard();
      const now = parse<StatsEvent>(event);
      if (!now) return;
      const rate = { at: Date.parse(now.at), perSecond: now.rate };
      set(({ rates }) => ({ rates: [...rates.slice(1 - RATES_MAX), rate] }));
    });
    for (const name of ['concluded', 'change', 'finding', 'incident', 'actor', 'source', 'reset']) {
      source.addEventListener(name, () => {
        heard();
        follow();
      });
    }
  };
  document.addEventListener('visibilitychange', follow);
  connect();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    clearTimeout(timer);
    clearTimeout(trailing);
    source?.close();
  };
}

function parse<T>(event: MessageEvent<string>): T | null {
  try {
    return JSON.parse(event.data) as T;
  } catch {
    return null;
  }
}
