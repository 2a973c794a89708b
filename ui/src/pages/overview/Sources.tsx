import { Link } from '@tanstack/react-router';
import type { Report } from '../../api/report';
import { bytes, count, plural, sentence } from '../../format';
import { Icon } from '../../ui/Icon';
import { Panel } from '../../ui/Panel';
import { Prose } from '../../ui/Prose';

const SHOWN = 6;

/** What the traffic cannot show: silence about it would read as safety. */
export function BlindSpots({ report, className = 'span-7' }: { report: Report; className?: string }) {
  const { blind_spots, unrouted } = report.stats;
  return (
    <Panel
      title="Blind spots"
      hint="What these sources cannot show. Nothing is known about it, good or bad."
      className={className}
    >
      <ul className="blind">
        {blind_spots.map((spot) => {
          const [topic = '', ...rest] = spot.split(': ');
          return (
            <li key={spot}>
              <Icon name="eye" size={16} />
              <span>
                {rest.length > 0 ? (
                  <>
                    <b>{sentence(topic)}.</b> <Prose text={sentence(rest.join(': '))} />
                  </>
                ) : (
                  <Prose text={sentence(spot)} />
                )}
              </span>
            </li>
          );
        })}
        {unrouted > 0 && (
          <li>
            <Icon name="eye" size={16} />
            <span>
              <b>Unrouted.</b> {plural(unrouted, 'exchange')} only ever met 404 or 405 and made no endpoint.
            </span>
          </li>
        )}
        {blind_spots.length === 0 && unrouted === 0 && <li>None that Vedette knows of.</li>}
      </ul>
    </Panel>
  );
}

/** Where the numbers come from, and how much of it could be read. */
export function SourceList({ report }: { report: Report }) {
  return (
    <Panel title="Sources" className="span-5" action={<Link to="/sources">All details</Link>}>
      <ul className="source-list">
        {report.sources.slice(0, SHOWN).map((source, at) => (
          <li key={at}>
            <Link to="/sources">{source.name}</Link>
            <small>
              {source.format} · {plural(source.exchanges, 'exchange')} · {bytes(source.bytes)}
              {source.quality && ` · quality ${source.quality.score} of 100`}
            </small>
            {(source.unreadable > 0 || source.problems.length > 0) && (
              <small className="caution">
                {source.unreadable > 0 ? (
                  `${count(source.unreadable)} unreadable`
                ) : (
                  <Prose text={source.problems[0] ?? ''} />
                )}
              </small>
            )}
          </li>
        ))}
      </ul>
      {report.sources.length > SHOWN && <p className="muted small">{count(report.sources.length - SHOWN)} more.</p>}
    </Panel>
  );
}
