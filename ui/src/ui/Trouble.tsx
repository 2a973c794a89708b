/** What is shown instead of a page that failed. */
export function Trouble({ error }: { error: unknown }) {
  return (
    <div className="trouble" role="alert">
      <h1>This page could not be shown</h1>
      <p>{error instanceof Error ? error.message : 'Something unexpected happened.'}</p>
      <p className="muted">
        hint: <code>vedette analyze PATH --out DIR</code> writes a complete report; a file that was cut short or edited
        may hold results that no longer read.
      </p>
    </div>
  );
}
