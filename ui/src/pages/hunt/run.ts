import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { ApiError, api } from '../../served/client';
import type { Cell, HuntResult } from '../../served/contract';
import { sessionEnded } from '../../served/session';

/** A statement, or a saved hunt as it was saved. */
export type HuntRequest = ({ sql: string } | { saved: string }) & { parameters: Record<string, Cell> };

/** Rows that the table takes; a download takes all. */
const ROWS_MAX = 10_000;
const TIMEOUT_MS = 60_000;

interface State {
  request: HuntRequest | null;
  result: HuntResult | null;
  error: Error | null;
  running: boolean;
}

const NOTHING: State = { request: null, result: null, error: null, running: false };

/** Runs one hunt at a time; a new one ends the former. */
export function useRun() {
  const client = useQueryClient();
  const [state, setState] = useState<State>(NOTHING);
  const current = useRef<AbortController | null>(null);
  const end = () => {
    // The server ends a hunt whose client is gone.
    current.current?.abort();
    current.current = null;
  };
  const start = async (request: HuntRequest) => {
    end();
    const mine = new AbortController();
    current.current = mine;
    setState((before) => ({ ...before, error: null, running: true }));
    try {
      const result = await api<HuntResult>('/v1/hunts/run', {
        method: 'POST',
        body: { ...request, limit: ROWS_MAX, timeout_ms: TIMEOUT_MS },
        signal: mine.signal,
      });
      if (current.current === mine) setState({ request, result, error: null, running: false });
    } catch (error) {
      if (current.current !== mine) return;
      if (error instanceof ApiError && error.status === 401) sessionEnded(client);
      // Rows are sent as they are found: an answer that breaks off is no JSON.
      const broken =
        error instanceof SyntaxError ? new Error('The answer broke off: the hunt ended in an error.') : error;
      setState({ ...NOTHING, request, error: broken instanceof Error ? broken : new Error(String(broken)) });
    }
  };
  return {
    ...state,
    start: (request: HuntRequest) => void start(request),
    cancel: () => {
      end();
      setState((before) => ({ ...before, running: false }));
    },
    clear: () => {
      end();
      setState(NOTHING);
    },
  };
}
