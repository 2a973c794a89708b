import { Link } from '@tanstack/react-router';

export function NotFound() {
  return (
    <div className="trouble">
      <h1>There is no such page</h1>
      <p>
        The address may come from another report. <Link to="/">Go to the overview</Link>.
      </p>
    </div>
  );
}
