import { sentence } from '../../format';
import { ApiError } from '../../served/client';
import { Prose } from '../../ui/Prose';

/** Why a hunt failed, and what to try. */
export function HuntError({ error }: { error: Error }) {
  const problem = error instanceof ApiError ? error.problem : null;
  const wait = error instanceof ApiError ? error.retryAfterSecs : null;
  const detail = problem?.detail;
  // Often the one thing that is wrong is the detail itself.
  const others = problem?.errors?.filter(({ message }) => !detail?.includes(message)) ?? [];
  return (
    <div className="hunt-error" role="alert">
      <p>
        <b>
          <Prose text={`${sentence(detail ?? problem?.title ?? error.message).replace(/\.$/, '')}.`} />
        </b>
      </p>
      {others.map(({ at, message }) => (
        <p key={`${at} ${message}`}>
          {sentence(at)}: <Prose text={message} />
        </p>
      ))}
      {problem?.hint && (
        <p className="muted">
          hint: <Prose text={problem.hint} />
        </p>
      )}
      {wait && <p className="muted">Try again in {wait} s.</p>}
    </div>
  );
}
