import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Report } from '../api/report';
import type { Gateway, GatewayRoute, Protection } from '../api/results';
import { useReport } from '../api/source';
import { compact, count, plural } from '../format';
import { Method, Template } from '../ui/EndpointName';
import { Panel } from '../ui/Panel';
import { Prose } from '../ui/Prose';
import { usePrinting } from '../ui/printing';

/** Routes of one gateway shown before the reader asks for the rest. */
const SHOWN = 40;

/** Gateways as configured: what each route asks of its callers, and whether anybody calls it. */
export function Gateways() {
  const report = useReport('gateways', 'findings');
  const gateways = report.gateways ?? [];
  const routes = gateways.reduce((sum, gateway) => sum + gateway.route_count, 0);
  return (
    <div className="page">
      <header className="page-head">
        <h1>Gateways</h1>
        <p className="muted">
          {plural(gateways.length, 'gateway')}, {plural(routes, 'route')}
        </p>
      </header>
      {gateways.map((gateway) => (
        <GatewayPanel key={gateway.file} gateway={gateway} report={report} />
      ))}
    </div>
  );
}

function GatewayPanel({ gateway, report }: { gateway: Gateway; report: Report }) {
  const [all, setAll] = useState(false);
  const printing = usePrinting();
  const findings = report.findings.filter((one) => one.service === gateway.file || one.place === gateway.file).length;
  const shown = all || printing ? gateway.routes : gateway.routes.slice(0, SHOWN);
  const rest = gateway.routes.length - shown.length;
  const unlisted = gateway.route_count - gateway.routes.length;
  return (
    <Panel
      title={gateway.file}
      hint={<Facts gateway={gateway} />}
      className="gateway"
      action={
        findings > 0 && (
          <Link to="/findings" search={{ q: gateway.file }}>
            {plural(findings, 'finding')}
          </Link>
        )
      }
    >
      {gateway.problems.map((problem) => (
        <p key={problem} className="notice warn">
          Not understood: <Prose text={problem} />
        </p>
      ))}
      <div className="scroll-x">
        <table className="plain" aria-label={`Routes of ${gateway.file}`}>
          <thead>
            <tr>
              <th scope="col">Route</th>
              <th scope="col">Authentication</th>
              <th scope="col">Rate limit</th>
              <th scope="col">Body limit</th>
              <th scope="col" className="num">
                Calls
              </th>
              <th scope="col" className="num">
                Line
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((route, place) => (
              <RouteRow key={place} route={route} />
            ))}
          </tbody>
        </table>
      </div>
      {rest > 0 && (
        <button type="button" className="more-button" onClick={() => setAll(true)}>
          Show {count(rest)} more routes
        </button>
      )}
      {unlisted > 0 && <p className="muted small">{count(unlisted)} more routes are judged and not listed.</p>}
    </Panel>
  );
}

/** Product, what it stands in front of, and what is worth a look. */
function Facts({ gateway }: { gateway: Gateway }) {
  const forwarding = gateway.routes.filter((route) => route.serves === 'backend');
  const open = forwarding.filter((route) => route.authentication.state === 'off').length;
  const unused = forwarding.filter((route) => route.used === false).length;
  const others = gateway.other_files?.length ?? 0;
  const parts = [
    gateway.product,
    others > 0 && `with ${plural(others, 'more file')}`,
    gateway.services.length > 0 && `in front of ${gateway.services.join(', ')}`,
    open > 0 && `${plural(open, 'route')} without authentication`,
    unused > 0 && `${plural(unused, 'route')} never called`,
  ];
  return <>{parts.filter(Boolean).join(' · ')}</>;
}

const SERVES: Record<string, string> = { files: 'files', redirect: 'a redirect', fixed: 'a fixed answer' };

function RouteRow({ route }: { route: GatewayRoute }) {
  const host = route.hosts[0] ?? '';
  return (
    <tr>
      <th scope="row" className="gateway-route">
        {route.methods.map((method) => (
          <Method key={method} name={method} />
        ))}{' '}
        {route.path_kind === 'regex' ? <code>{route.path}</code> : <Template text={route.path} />}
        {route.path_kind === 'prefix' || route.path_kind === 'segments' ? <span className="muted">…</span> : null}
        {host && (
          <small className="muted">
            {host}
            {route.hosts.length > 1 && ` and ${plural(route.hosts.length - 1, 'more host')}`}
          </small>
        )}
      </th>
      {route.serves === 'backend' ? (
        <>
          <ProtectionCell value={route.authentication} />
          <ProtectionCell value={route.rate_limit} />
          <ProtectionCell value={route.body_limit} />
        </>
      ) : (
        <td colSpan={3} className="muted">
          answers with {SERVES[route.serves] ?? route.serves}
        </td>
      )}
      <td className={`num ${route.used === false && route.serves === 'backend' ? 'caution' : ''}`}>
        {typeof route.used === 'boolean' ? (route.used ? compact(route.exchanges) : 'none') : '–'}
      </td>
      <td className="num muted" title={route.file}>
        {route.line ?? '–'}
      </td>
    </tr>
  );
}

/** What protects a route, or that nothing does; the reason is the tooltip. */
function ProtectionCell({ value }: { value: Protection }) {
  const words: Record<string, string> = { on: value.text, default: value.text, off: 'none', unknown: 'not known' };
  return (
    <td className={`protection-${value.state}`} title={value.text}>
      <Prose text={words[value.state] ?? value.state} />
    </td>
  );
}
