import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Panel } from '../../ui/Panel';
import { ChangeLine } from '../ChangeLine';
import { changesQuery } from '../queries';

const SHOWN = 4;

/** What is new in the inventory. */
export function NewestChanges() {
  const { data, error } = useQuery(changesQuery(SHOWN));
  return (
    <Panel title="Newest changes" className="span-4" action={<Link to="/changes">All changes</Link>}>
      {error && <p className="muted">{error.message}</p>}
      {data?.items.length === 0 && <p className="muted">Nothing changed since Vedette watches.</p>}
      <ol className="changes changes-short">
        {data?.items.slice(0, SHOWN).map((change) => (
          <ChangeLine key={change.number} change={change} />
        ))}
      </ol>
    </Panel>
  );
}
