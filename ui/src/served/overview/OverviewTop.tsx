import { useSuspenseQuery } from '@tanstack/react-query';
import { Prose } from '../../ui/Prose';
import { overviewQuery } from '../queries';
import { NewestChanges } from './NewestChanges';
import { RateNow } from './RateNow';
import { SourcesNow } from './SourcesNow';

/** What happens now: how much comes in, what changed, whether the sources are well. */
export function OverviewTop() {
  const { data } = useSuspenseQuery(overviewQuery);
  return (
    <>
      {data.troubles.map((trouble) => (
        <p key={trouble} className="notice warn" role="alert">
          <b>The server needs somebody:</b> <Prose text={trouble} />
        </p>
      ))}
      <div className="grid now">
        <RateNow />
        <NewestChanges />
        <SourcesNow />
      </div>
    </>
  );
}
