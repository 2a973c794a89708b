import { sentence } from '../../format';
import { ApiError } from '../../served/client';

/** Why a hunt failed, and what to try. */
export function HuntError({ error }: { error: Error }) {
  const problem = error instanceof ApiError ? error.problem : null;
  const wait = error instanceof ApiError ? error.retryAfterSecs : null;
  return (
    <div className="hunt-error" role="alert">
      <p>
        <b>{problem?.title ?? 'The hunt failed'}.</b>{' '}
        {problem?.detail ? sentence(problem.detail) : !problem && error.message}
      </p>
      {problem?.errors?.map(({ at, message }) => (
        <p key={`${at} ${message}`}>
          <code>{at}</code> {message}
        </p>
      ))}
      {problem?.hint && <p className="muted">hint: {problem.hint}</p>}
      {wait && <p className="muted">Try again in {wait} s.</p>}
    </div>
  );
}
