import { useQuery } from '@tanstack/react-query';
import { moment } from '../format';
import { Panel } from '../ui/Panel';
import { Prose } from '../ui/Prose';
import { endpointChangesQuery } from './queries';

/** What changed about an endpoint, newest first; absent when nothing did. */
export function EndpointChanges({ id }: { id: string }) {
  const { data } = useQuery(endpointChangesQuery(id));
  if (!data || data.items.length === 0) return null;
  return (
    <Panel title="Changes" hint="What is new about it since Vedette watches. Times in UTC." className="span-12">
      <ol className="reasons">
        {data.items.map(({ number, at, text }) => (
          <li key={number}>
            <span className="moment muted small">{moment(at)}</span> <Prose text={text} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}
