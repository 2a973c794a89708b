import { Link } from '@tanstack/react-router';
import type { Report } from '../api/report';
import type { Identifier } from '../api/results';
import { label } from '../catalog';

/** An actor by its strongest identifier; leads to its row. */
export function ActorName({ id, report }: { id: string; report: Report }) {
  const actor = report.actorById.get(id);
  if (!actor) return <code className="actor">{id}</code>;
  return (
    <Link to="/actors" search={{ q: actor.identifiers[0]?.value ?? id }} className="actor">
      {actor.identifiers[0] ? <IdentifierName identifier={actor.identifiers[0]} /> : id}
    </Link>
  );
}

export function IdentifierName({ identifier }: { identifier: Identifier }) {
  return (
    <span className="identifier">
      <small>{label(identifier.kind)}</small> <code>{identifier.value}</code>
    </span>
  );
}
