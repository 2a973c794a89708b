import { Link } from '@tanstack/react-router';
import { isApi } from '../api/report';
import { useReport } from '../api/source';
import { count, ratio } from '../format';
import { useExtras } from '../ui/extras';
import { HeatMap } from '../ui/HeatMap';
import { Panel } from '../ui/Panel';
import { RiskHistogram } from '../ui/RiskHistogram';
import { TimeChart } from '../ui/TimeChart';
import { AuthenticationMix } from './overview/AuthenticationMix';
import { DataInMotion } from './overview/DataInMotion';
import { Headline } from './overview/Headline';
import { Mix } from './overview/Mix';
import { Riskiest } from './overview/Riskiest';
import { Services } from './overview/Services';
import { BlindSpots, SourceList } from './overview/Sources';
import { Tiles } from './overview/Tiles';
import { TopFindings } from './overview/TopFindings';

/** What a manager reads: what is exposed, what is wrong, what to do next, and what the numbers rest on. */
export function Overview() {
  const report = useReport('endpoints', 'findings');
  const { OverviewTop, FirstSteps } = useExtras();
  const { stats } = report;
  const api = report.endpoints.filter(isApi);
  const failed = (stats.statuses['4xx'] ?? 0) + (stats.statuses['5xx'] ?? 0);
  if (FirstSteps && stats.exchanges === 0) return <FirstSteps />;
  return (
    <div className="page overview">
      <Headline report={report} />
      {OverviewTop && <OverviewTop />}
      <Tiles report={report} />
      <div className="grid">
        <TopFindings report={report} />
        <Panel
          title="Risk"
          hint="Endpoints by score, 0 to 100: how likely misuse is times how much it would hurt."
          className="span-5"
          action={
            <Link to="/inventory" search={{ sort: '-risk' }}>
              Riskiest endpoints
            </Link>
          }
        >
          <RiskHistogram endpoints={report.endpoints} />
          <Riskiest report={report} />
        </Panel>
        <Panel
          title="Traffic"
          hint={`${count(stats.exchanges)} exchanges, ${ratio(failed, stats.exchanges)} of them with a status of 400 or above. Times in UTC.`}
          className="span-12"
        >
          <TimeChart timeline={stats.timeline} name="Traffic over time" />
        </Panel>
        <DataInMotion report={report} />
        <AuthenticationMix report={report} endpoints={api} />
        <Services report={report} />
        <Panel
          title="Week"
          hint="When the traffic comes: the stronger the color, the busier. Hours in UTC."
          className="span-7"
        >
          <HeatMap hours={stats.hours_of_week} />
        </Panel>
        <Mix report={report} />
        <BlindSpots report={report} className={OverviewTop ? 'span-12' : 'span-7'} />
        {!OverviewTop && <SourceList report={report} />}
      </div>
    </div>
  );
}
