import type { AbuseCase } from '../../api/results';
import { label } from '../../catalog';
import { LeveledChip } from '../../ui/Chips';
import { Icon, type IconName } from '../../ui/Icon';
import { Panel } from '../../ui/Panel';
import { Prose } from '../../ui/Prose';

const KINDS: Record<string, { text: string; icon: IconName }> = {
  money: { text: 'Money', icon: 'money' },
  'personal-records': { text: 'Personal records', icon: 'actors' },
  secrets: { text: 'Secrets', icon: 'key' },
  accounts: { text: 'Accounts', icon: 'user' },
  goods: { text: 'Goods and places', icon: 'box' },
  capacity: { text: 'Capacity', icon: 'clock' },
  reach: { text: 'Your good name', icon: 'comment' },
  control: { text: 'Control', icon: 'wrench' },
};

/** What could be lost, with numbers from the traffic. */
export function Losses({ losses }: { losses: AbuseCase['losses'] }) {
  return (
    <Panel title="What could be lost" className="abuse-half">
      <ul className="abuse-losses">
        {losses.map(({ kind, text, classes }) => (
          <li key={kind}>
            <Icon name={KINDS[kind]?.icon ?? 'findings'} size={17} />
            <div>
              <strong>{KINDS[kind]?.text ?? label(kind)}</strong>
              <p>
                <Prose text={text} />
              </p>
              {classes && classes.length > 0 && (
                <span className="chips">
                  {classes.map(({ class: name, level }) => (
                    <LeveledChip key={name} name={name} level={level} />
                  ))}
                </span>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
