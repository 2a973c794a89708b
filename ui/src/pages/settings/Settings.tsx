import { Link, Outlet } from '@tanstack/react-router';
import { useMay } from '../../served/session';

/** The own account for everybody; tokens, users and the audit log for those who may. */
export function Settings() {
  const { may: isAdmin } = useMay('admin');
  return (
    <div className="page settings">
      <header className="page-head">
        <h1>Settings</h1>
      </header>
      <nav className="tabs" aria-label="Settings">
        <Link to="/settings" activeOptions={{ exact: true }}>
          Account
        </Link>
        <Link to="/settings/tokens">API tokens</Link>
        {isAdmin && <Link to="/settings/users">Users</Link>}
        {isAdmin && <Link to="/settings/server">Server</Link>}
        {isAdmin && <Link to="/settings/audit">Audit log</Link>}
      </nav>
      <Outlet />
    </div>
  );
}
