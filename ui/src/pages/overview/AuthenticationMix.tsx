import { Link } from '@tanstack/react-router';
import type { Report } from '../../api/report';
import type { Endpoint } from '../../api/results';
import { authentication } from '../../catalog';
import { compact, count, ratio } from '../../format';
import { Bars } from '../../ui/Bars';
import { Empty, Panel } from '../../ui/Panel';

/** Schemes that name a weakness by themselves stand out. */
const COLOR: Record<string, string> = {
  none: 'var(--sev-critical)',
  'api-key-query': 'var(--sev-high)',
  basic: 'var(--sev-medium)',
  digest: 'var(--sev-medium)',
  unknown: 'var(--faint)',
};

/** How API endpoints are protected, by endpoints; an endpoint with two schemes counts in both. */
export function AuthenticationMix({ endpoints }: { report: Report; endpoints: Endpoint[] }) {
  const byScheme = new Map<string, { endpoints: number; exchanges: number }>();
  for (const endpoint of endpoints) {
    for (const scheme of endpoint.authentication) {
      const sum = byScheme.get(scheme) ?? { endpoints: 0, exchanges: 0 };
      sum.endpoints += 1;
      sum.exchanges += endpoint.authentication_details.find((one) => one.scheme === scheme)?.exchanges ?? 0;
      byScheme.set(scheme, sum);
    }
  }
  const bars = [...byScheme]
    .sort((a, b) => b[1].endpoints - a[1].endpoints)
    .map(([scheme, sum]) => ({
      key: scheme,
      label: (
        <Link to="/inventory" search={{ auth: [scheme], kind: ['api'] }}>
          {authentication(scheme)}
        </Link>
      ),
      value: sum.endpoints,
      text: `${count(sum.endpoints)} · ${ratio(sum.endpoints, endpoints.length)}`,
      // A list from a server leaves the details to the endpoint's own page.
      note: sum.exchanges > 0 ? `${compact(sum.exchanges)} exchanges` : undefined,
      color: COLOR[scheme] ?? 'var(--accent-fill)',
    }));
  return (
    <Panel title="Authentication" hint="API endpoints by the credential their calls carry." className="span-5">
      {bars.length === 0 ? (
        <Empty>No API endpoint was seen.</Empty>
      ) : (
        <Bars bars={bars} max={endpoints.length} name="Authentication" />
      )}
    </Panel>
  );
}
