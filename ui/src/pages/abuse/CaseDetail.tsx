import { Link } from '@tanstack/react-router';
import type { Report } from '../../api/report';
import type { AbuseCase } from '../../api/results';
import { authentication } from '../../catalog';
import { compact, count, listed, plural, ratio, sentence } from '../../format';
import { Exposure } from '../../ui/Chips';
import { Method, Template } from '../../ui/EndpointName';
import { Icon, type IconName } from '../../ui/Icon';
import { Panel } from '../../ui/Panel';
import { Score } from '../../ui/Score';
import { Losses } from './Losses';
import { NotWatched, WatchedBy } from './Watching';

/** One business function, whole. */
export function CaseDetail({ case: one, report }: { case: AbuseCase; report: Report }) {
  return (
    <article className="abuse-detail" aria-label={`${one.title} of ${one.service}`}>
      <Link to="/abuse" className="abuse-back">
        <Icon name="chevron" size={13} /> All business functions
      </Link>
      <header className="endpoint-head">
        <div>
          <p className="eyebrow">
            <Link to="/inventory" search={{ service: [one.service] }}>
              {one.service}
            </Link>
          </p>
          <h2>{one.title}</h2>
          <p className="badges">
            <Exposure value={one.users.exposure} />
            {one.risk_reasons.map(({ factor, text }) => (
              <span key={`${factor} ${text}`} className="chip tag">
                {sentence(text)}
              </span>
            ))}
          </p>
        </div>
        <Score value={one.risk} large />
      </header>
      <Users one={one} />
      <Losses losses={one.losses} />
      <Compromised one={one} />
      <WatchedBy one={one} report={report} />
      <NotWatched one={one} />
      <Endpoints one={one} />
    </article>
  );
}

const WHO: Record<string, { text: string; icon: IconName }> = {
  user: { text: 'A user', icon: 'user' },
  client: { text: 'A client’s key', icon: 'key' },
  staff: { text: 'Somebody of the staff', icon: 'actors' },
};

function Compromised({ one }: { one: AbuseCase }) {
  return (
    <Panel title="If compromised" className="abuse-half">
      <dl className="compromised">
        {one.compromised.map(({ who, text }) => (
          <div key={who}>
            <dt>
              <Icon name={WHO[who]?.icon ?? 'user'} size={15} /> {WHO[who]?.text ?? sentence(who)}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

/** Kinds of actors that have no plain plural, or a better name. */
const KINDS: Record<string, [one: string, many?: string]> = {
  address: ['address', 'addresses'],
  unknown: ['unknown caller'],
};

function Users({ one }: { one: AbuseCase }) {
  const { actors, exchanges, writes, errors, kinds = {} } = one.users;
  const sentences = [whoTheyAre(kinds, actors), howTheyProve(one.users.authentication)].filter(Boolean);
  return (
    <Panel title="Who uses it">
      <dl className="abuse-numbers">
        <Fact name="Actors" value={compact(actors)} title={count(actors)} />
        <Fact name="Exchanges" value={compact(exchanges)} title={count(exchanges)} />
        <Fact name="Changes" value={compact(writes)} title={count(writes)} />
        <Fact name="Errors" value={ratio(errors, exchanges)} title={count(errors)} />
      </dl>
      <ul className="abuse-sentences">
        {sentences.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </Panel>
  );
}

function whoTheyAre(kinds: Record<string, number>, actors: number): string {
  const known = Object.entries(kinds).sort((a, b) => b[1] - a[1]);
  const busiest = known.reduce((sum, [, n]) => sum + n, 0);
  if (busiest === 0) return '';
  const list = listed(known.map(([kind, n]) => plural(n, ...(KINDS[kind] ?? [kind]))));
  if (busiest < actors) return `The ${count(busiest)} busiest are ${list}.`;
  return busiest === 1 ? `It is ${list}.` : `They are ${list}.`;
}

function howTheyProve(schemes: string[]): string {
  const shown = schemes.filter((scheme) => scheme !== 'none' && scheme !== 'unknown').map(proof);
  if (shown.length === 0) {
    if (schemes.includes('none')) return 'Nobody proves who they are.';
    return schemes.length > 0 ? 'The traffic does not show how they prove who they are.' : '';
  }
  return `They prove who they are by ${listed(shown)}${schemes.includes('none') ? '; some do not' : ''}.`;
}

function proof(scheme: string): string {
  const name = authentication(scheme);
  return /^[A-Z][a-z]/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

function Fact({ name, value, title }: { name: string; value: string; title: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={title}>{value}</dd>
    </div>
  );
}

function Endpoints({ one }: { one: AbuseCase }) {
  const rest = one.endpoint_count - one.endpoints.length;
  return (
    <Panel
      title={plural(one.endpoint_count, 'endpoint')}
      action={
        one.function !== 'personal-data' &&
        one.function !== 'language-model' && (
          <Link to="/inventory" search={{ service: [one.service], function: [one.function] }}>
            In the inventory
          </Link>
        )
      }
    >
      <ul className="abuse-endpoints" aria-label="Endpoints, riskiest first">
        {one.endpoints.map((endpoint) => (
          <li key={endpoint.id}>
            <Score value={endpoint.risk} />
            <Link to="/endpoints/$id" params={{ id: endpoint.id }} className="endpoint-link">
              <Method name={endpoint.method} /> <Template text={endpoint.template} />
            </Link>
            <span className="muted small">
              {plural(endpoint.exchanges, 'exchange')} · {plural(endpoint.actors, 'actor')}
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 && <p className="muted small">{plural(rest, 'more endpoint')} with less risk.</p>}
    </Panel>
  );
}
