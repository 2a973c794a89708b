import { Link } from '@tanstack/react-router';
import { label } from '../catalog';
import { moment } from '../format';
import { Method, Template } from '../ui/EndpointName';
import { Prose } from '../ui/Prose';
import type { Change } from './contract';

/** One change of the inventory: what, where, when. */
export function ChangeLine({ change }: { change: Change }) {
  const { kind, at, text, endpoint, place, service } = change;
  const [method = '', ...rest] = place.split(' ');
  return (
    <li>
      <span className="change-what">
        <b>{label(kind)}</b> <time dateTime={at ?? undefined}>{moment(at)}</time>
      </span>
      {endpoint ? (
        <Link to="/endpoints/$id" params={{ id: endpoint }} className="endpoint-link">
          <Method name={method} /> <Template text={rest.join(' ')} />
          <span className="endpoint-service">{service}</span>
        </Link>
      ) : (
        service && (
          <Link to="/inventory" search={{ service: [service] }} className="endpoint-link">
            <Template text={service} />
          </Link>
        )
      )}
      {text && (
        <span className="change-text muted small">
          <Prose text={text} />
        </span>
      )}
    </li>
  );
}
