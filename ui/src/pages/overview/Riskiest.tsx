import { isApi, type Report } from '../../api/report';
import { EndpointLink } from '../../ui/EndpointName';
import { Score } from '../../ui/Score';

const SHOWN = 5;

/** The endpoints to look at first. */
export function Riskiest({ report }: { report: Report }) {
  const worst = report.endpoints.filter(isApi).sort((a, b) => b.risk.score - a.risk.score);
  return (
    <ol className="riskiest" aria-label="Riskiest endpoints">
      {worst.slice(0, SHOWN).map((endpoint) => (
        <li key={endpoint.id}>
          <Score value={endpoint.risk.score} />
          <EndpointLink endpoint={endpoint} withService />
        </li>
      ))}
    </ol>
  );
}
