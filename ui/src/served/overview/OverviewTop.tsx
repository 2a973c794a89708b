import { NewestChanges } from './NewestChanges';
import { RateNow } from './RateNow';
import { SourcesNow } from './SourcesNow';

/** What happens now: how much comes in, what changed, whether the sources are well. */
export function OverviewTop() {
  return (
    <div className="grid now">
      <RateNow />
      <NewestChanges />
      <SourcesNow />
    </div>
  );
}
