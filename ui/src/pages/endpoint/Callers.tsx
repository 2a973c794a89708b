import { Link } from '@tanstack/react-router';
import type { Report } from '../../api/report';
import type { Endpoint } from '../../api/results';
import { compact, moment, ratio } from '../../format';
import { ActorName } from '../../ui/ActorName';
import { Bars } from '../../ui/Bars';
import { Record } from '../../ui/FindingCard';
import { Panel } from '../../ui/Panel';

/** Who calls most. */
export function Callers({ endpoint, report }: { endpoint: Endpoint; report: Report }) {
  if (endpoint.callers.length === 0) return null;
  return (
    <Panel
      title="Callers"
      hint={`The most frequent of about ${compact(endpoint.actors)}.`}
      className="span-5"
      action={
        <Link to="/actors" search={{}}>
          All actors
        </Link>
      }
    >
      <Bars
        name="Callers"
        max={endpoint.exchanges}
        bars={endpoint.callers.map((caller, rank) => ({
          key: `${rank} ${caller.actor}`,
          label: <ActorName id={caller.actor} report={report} />,
          value: caller.exchanges,
          text: `${compact(caller.exchanges)} · ${ratio(caller.exchanges, endpoint.exchanges)}`,
        }))}
      />
    </Panel>
  );
}

/** Exchanges to look up in the sources. */
export function Samples({ endpoint, report }: { endpoint: Endpoint; report: Report }) {
  if (endpoint.samples.length === 0) return null;
  return (
    <Panel title="Samples" hint="Exchanges to look up in the sources; records count from 0." className="span-7">
      <div className="scroll-x">
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">When (UTC)</th>
              <th scope="col">Status</th>
              <th scope="col">Actor</th>
              <th scope="col">Record</th>
            </tr>
          </thead>
          <tbody>
            {endpoint.samples.map((sample) => (
              <tr key={`${sample.source} ${sample.exchange}`}>
                <td>{moment(sample.at)}</td>
                <td className={sample.status >= 400 ? 'caution' : ''}>{sample.status}</td>
                <td>{sample.actor ? <ActorName id={sample.actor} report={report} /> : '–'}</td>
                <td>
                  <Record source={sample.source} exchange={sample.exchange} report={report} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
