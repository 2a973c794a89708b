import { Link } from '@tanstack/react-router';
import type { Endpoint } from '../api/results';

export function Method({ name }: { name: string }) {
  return <span className={`method method-${name.toLowerCase().replace(/[^a-z]/g, '')}`}>{name}</span>;
}

/** A path template with its parameters set apart; may break after every slash, and before the operation behind it. */
export function Template({ text }: { text: string }) {
  return (
    <span className="template">
      {text.split(/(\{[^{}]*\}|\/|#)/).map((part, place) => {
        if (part.length > 1 && part.startsWith('{')) return <em key={place}>{part}</em>;
        if (part === '#') {
          return (
            <span className="slash" key={place}>
              <wbr />#
            </span>
          );
        }
        return part === '/' ? (
          <span className="slash" key={place}>
            /<wbr />
          </span>
        ) : (
          part
        );
      })}
    </span>
  );
}

export function EndpointLink({ endpoint, withService = false }: { endpoint: Endpoint; withService?: boolean }) {
  return (
    <Link to="/endpoints/$id" params={{ id: endpoint.id }} className="endpoint-link">
      <Method name={endpoint.method} /> <Template text={endpoint.template} />
      {withService && <span className="endpoint-service">{endpoint.service}</span>}
    </Link>
  );
}
