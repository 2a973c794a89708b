import { Link } from '@tanstack/react-router';
import type { Report } from '../../api/report';
import { compact, count, percent } from '../../format';
import { Exposure } from '../../ui/Chips';
import { Panel } from '../../ui/Panel';
import { Score } from '../../ui/Score';

const SHOWN = 12;

/** Services, busiest first, with the worst endpoint of each. */
export function Services({ report }: { report: Report }) {
  const worst = new Map<string, number>();
  for (const { service, risk } of report.endpoints) worst.set(service, Math.max(worst.get(service) ?? 0, risk.score));
  const rest = report.services.length - SHOWN;
  return (
    <Panel title="Services" className="span-7">
      <div className="scroll-x">
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col">Exposure</th>
              <th scope="col" className="num">
                Endpoints
              </th>
              <th scope="col" className="num">
                Exchanges
              </th>
              <th scope="col" className="num">
                TLS
              </th>
              <th scope="col">Top risk</th>
            </tr>
          </thead>
          <tbody>
            {report.services.slice(0, SHOWN).map((service) => (
              <tr key={service.id}>
                <th scope="row">
                  <Link to="/inventory" search={{ service: [service.name] }}>
                    {service.name}
                  </Link>
                  <small className="muted">
                    {[service.direction === 'inbound' ? '' : service.direction, ...service.versions]
                      .filter(Boolean)
                      .join(' · ')}
                  </small>
                </th>
                <td>
                  <Exposure value={service.exposure} />
                </td>
                <td className="num">
                  <Link to="/inventory" search={{ service: [service.name] }}>
                    {count(service.endpoints)}
                  </Link>
                </td>
                <td className="num">{compact(service.exchanges)}</td>
                <td
                  className={`num ${typeof service.tls_share === 'number' && service.tls_share < 1 ? 'caution' : ''}`}
                >
                  {typeof service.tls_share === 'number' ? percent(service.tls_share) : '–'}
                </td>
                <td>
                  <Link to="/inventory" search={{ service: [service.name], sort: '-risk' }}>
                    <Score value={worst.get(service.name) ?? 0} />
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rest > 0 && (
        <p className="muted small">
          {count(rest)} more in the <Link to="/inventory">inventory</Link>.
        </p>
      )}
    </Panel>
  );
}
