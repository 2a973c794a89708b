import { useExtras } from './extras';

/** What is shown instead of a page that failed. */
export function Trouble({ error }: { error: unknown }) {
  const { Hint = ReportHint } = useExtras();
  return (
    <div className="trouble" role="alert">
      <h1>This page could not be shown</h1>
      <p>{error instanceof Error ? error.message : 'Something unexpected happened.'}</p>
      <Hint error={error} />
    </div>
  );
}

function ReportHint() {
  return (
    <p className="muted">
      hint: <code>vedette analyze PATH --out DIR</code> writes a complete report; a file that was cut short or edited
      may hold results that no longer read.
    </p>
  );
}
