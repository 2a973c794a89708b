import { useReport } from '../../api/source';
import { compact, moment } from '../../format';
import { Panel } from '../../ui/Panel';
import { type Rate, useFeed } from '../feed';

/** Ten minutes: long enough to see a wave, short enough to see it move; less while less is known. */
const WINDOW_MS = 600_000;
const WINDOW_LEAST_MS = 60_000;
const HEIGHT = 100;

/** Exchanges per second over the last minutes, as the feed tells them. */
export function RateNow() {
  const { rates, state } = useFeed();
  const { stats } = useReport();
  const now = rates.at(-1);
  return (
    <Panel
      title="Traffic now"
      className="span-4"
      action={<span className="muted small">{state === 'lost' ? 'not up to date' : 'last minutes'}</span>}
    >
      <p className="rate">
        <b>{now ? perSecond(now.perSecond) : '–'}</b> <span className="muted">exchanges per second</span>
      </p>
      <RateLine rates={rates} />
      <p className="muted small">
        {compact(stats.exchanges)} in all{stats.last_seen && ` · last ${moment(stats.last_seen)} UTC`}
      </p>
    </Panel>
  );
}

function perSecond(value: number): string {
  return value > 0 && value < 10 ? value.toFixed(1) : compact(Math.round(value));
}

function RateLine({ rates }: { rates: Rate[] }) {
  const end = rates.at(-1)?.at ?? 0;
  const wide = Math.max(WINDOW_LEAST_MS, Math.min(WINDOW_MS, end - (rates[0]?.at ?? end)));
  const shown = rates.filter(({ at }) => at >= end - wide);
  const top = Math.max(1, ...shown.map((rate) => rate.perSecond));
  const x = (at: number) => (1 - (end - at) / wide) * 1000;
  const y = (value: number) => HEIGHT - (value / top) * (HEIGHT - 6);
  const line = shown.map(
    (rate, at) => `${at === 0 ? 'M' : 'L'}${x(rate.at).toFixed(1)} ${y(rate.perSecond).toFixed(1)}`,
  );
  const first = shown[0];
  return (
    <svg
      className="rate-line"
      viewBox={`0 0 1000 ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={
        shown.length < 2
          ? 'No rate is known yet'
          : `Between ${perSecond(least(shown))} and ${perSecond(top)} per second`
      }
    >
      {first && shown.length > 1 && (
        <>
          <path className="rate-area" d={`${line.join('')}L1000 ${HEIGHT}L${x(first.at).toFixed(1)} ${HEIGHT}Z`} />
          <path className="rate-stroke" d={line.join('')} />
        </>
      )}
    </svg>
  );
}

function least(rates: Rate[]): number {
  return Math.min(...rates.map((rate) => rate.perSecond));
}
