import { useQueryClient, useQueryErrorResetBoundary } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { ApiError } from './client';

/** What to try when a page of the served app failed. */
export function Hint({ error }: { error: unknown }) {
  const retry = useRetry();
  const problem = error instanceof ApiError ? error.problem : null;
  return (
    <>
      <p className="muted">
        {problem?.status === 0
          ? 'The server may be stopped or restarting. This page tries again when you say so.'
          : (problem?.hint ?? 'The server’s log may say more.')}
        {problem?.instance && (
          <>
            {' '}
            It names this request <code>{problem.instance.replace('urn:uuid:', '')}</code>.
          </>
        )}
      </p>
      <p>
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      </p>
    </>
  );
}

/** Asks again for what failed. */
function useRetry(): () => void {
  const { reset } = useQueryErrorResetBoundary();
  const client = useQueryClient();
  const router = useRouter();
  return () => {
    reset();
    void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' });
    void router.invalidate();
  };
}
