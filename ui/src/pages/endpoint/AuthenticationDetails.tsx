import type { Authentication, Endpoint } from '../../api/results';
import { authentication } from '../../catalog';
import { compact, count, duration, ratio } from '../../format';
import { Panel } from '../../ui/Panel';

/** Which credentials calls carried, how often they were let in, and what was learned of the tokens. */
export function AuthenticationDetails({ endpoint }: { endpoint: Endpoint }) {
  const details = endpoint.authentication_details;
  return (
    <Panel title="Authentication" className="span-5">
      {details.length === 0 ? (
        <p className="muted">{endpoint.authentication.map(authentication).join(', ') || 'Nothing is known.'}</p>
      ) : (
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">Scheme</th>
                <th scope="col" className="num">
                  Exchanges
                </th>
                <th scope="col" className="num">
                  Succeeded
                </th>
              </tr>
            </thead>
            <tbody>
              {details.map((detail) => (
                <tr key={`${detail.scheme} ${detail.name}`}>
                  <th scope="row">
                    {authentication(detail.scheme)} {detail.name && <code>{detail.name}</code>}
                    <TokenFacts detail={detail} />
                  </th>
                  <td className="num">
                    {compact(detail.exchanges)}{' '}
                    <small className="muted">{ratio(detail.exchanges, endpoint.exchanges)}</small>
                  </td>
                  <td className="num">{ratio(detail.successes, detail.exchanges)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function TokenFacts({ detail }: { detail: Authentication }) {
  const good = [
    detail.jwt_algorithms.length > 0 && detail.jwt_algorithms.join(', '),
    detail.jwt_lifetime_secs && `valid for ${duration(detail.jwt_lifetime_secs)}`,
  ];
  const bad = [
    detail.jwt_without_expiry > 0 && `${count(detail.jwt_without_expiry)} without expiry`,
    detail.jwt_expired_accepted > 0 && `${count(detail.jwt_expired_accepted)} accepted after expiry`,
  ];
  return (
    <>
      {good.some(Boolean) && <small className="muted">{good.filter(Boolean).join(' · ')}</small>}
      {bad.some(Boolean) && <small className="caution">{bad.filter(Boolean).join(' · ')}</small>}
    </>
  );
}
