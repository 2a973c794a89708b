import { useQuery } from '@tanstack/react-query';
import { plural } from '../../format';
import { findingsQuery } from '../queries';
import { useDesk } from './Desk';

/** What may be done with all ticked findings; there only while some are. */
export function BulkBar() {
  const desk = useDesk();
  // As they are now: what is judged is what the page shows.
  const { data } = useQuery({ ...findingsQuery, enabled: false });
  const findings = data?.items.filter(({ id }) => desk.ticked.has(id)) ?? [];
  if (findings.length === 0) return null;
  return (
    <section className="bulk" aria-label="Selected findings">
      <b role="status">{plural(findings.length, 'finding')} selected</b>
      <button type="button" className="button" onClick={() => desk.ask({ what: 'accept', findings })}>
        Accept…
      </button>
      <button type="button" className="button" onClick={() => desk.ask({ what: 'resolve', findings })}>
        Resolve…
      </button>
      <button type="button" className="button" onClick={() => desk.ask({ what: 'owner', findings })}>
        Assign…
      </button>
      <button
        type="button"
        className="button"
        onClick={() => desk.apply(findings, { state: 'open', reason: null, until: null })}
      >
        Open again
      </button>
      <button type="button" className="plain-button" onClick={() => desk.tick(findings, false)}>
        Clear
      </button>
    </section>
  );
}
