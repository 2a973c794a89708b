import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { plural } from '../../format';
import { api } from '../../served/client';
import type { SavedHunt } from '../../served/contract';
import { huntsQuery } from '../../served/queries';
import { Icon } from '../../ui/Icon';
import { forgetHunts, type Past, recalled } from './history';

interface Props {
  hunts: SavedHunt[];
  chosen?: string;
  user: string;
  onChoose: (hunt: SavedHunt) => void;
  onRecall: (sql: string, values: Record<string, string>) => void;
}

/** Hunts to begin with: one's own, those that come with Vedette, and what was run before in this browser. */
export function HuntList({ hunts, chosen, user, onChoose, onRecall }: Props) {
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/);
  const fitting = hunts.filter((hunt) => {
    const about = `${hunt.title} ${hunt.question}`.toLowerCase();
    return words.every((word) => about.includes(word));
  });
  const own = fitting.filter(({ shipped }) => !shipped);
  const shipped = fitting.filter((hunt) => hunt.shipped);
  return (
    <nav className="hunt-list" aria-label="Hunts">
      <input
        type="search"
        value={text}
        aria-label="Search hunts"
        placeholder="Search hunts…"
        onChange={(event) => setText(event.target.value)}
      />
      {own.length > 0 && <Group title="Saved" hunts={own} {...{ chosen, onChoose }} />}
      <Group title="Come with Vedette" hunts={shipped} {...{ chosen, onChoose }} />
      {fitting.length === 0 && hunts.length > 0 && <p className="muted small">No hunt matches.</p>}
      <History user={user} onRecall={onRecall} />
    </nav>
  );
}

type GroupProps = Pick<Props, 'hunts' | 'chosen' | 'onChoose'> & { title: string };

function Group({ title, hunts, chosen, onChoose }: GroupProps) {
  if (hunts.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {hunts.map((hunt) => (
          <li key={hunt.id}>
            <button
              type="button"
              aria-current={hunt.id === chosen ? 'true' : undefined}
              title={hunt.question}
              onClick={() => onChoose(hunt)}
            >
              {hunt.title}
            </button>
            {!hunt.shipped && <Remove hunt={hunt} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Remove({ hunt }: { hunt: SavedHunt }) {
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => api(`/v1/hunts/${encodeURIComponent(hunt.id)}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: huntsQuery.queryKey }),
  });
  return (
    <button
      type="button"
      className={sure ? 'plain-button danger' : 'tool'}
      aria-label={sure ? `Remove ${hunt.title} for good` : `Remove ${hunt.title}`}
      onBlur={() => setSure(false)}
      onClick={() => (sure ? remove.mutate() : setSure(true))}
    >
      {sure ? 'Remove' : <Icon name="close" size={12} />}
    </button>
  );
}

function History({ user, onRecall }: Pick<Props, 'user' | 'onRecall'>) {
  const [past, setPast] = useState<Past[] | null>(null);
  return (
    <details onToggle={(event) => setPast(event.currentTarget.open ? recalled(user) : null)}>
      <summary>
        <Icon name="chevron" size={12} /> Run before
      </summary>
      {past && (
        <ul>
          {past.map(({ sql, values }) => (
            <li key={sql}>
              <button type="button" className="hunt-past" title={sql} onClick={() => onRecall(sql, values)}>
                <code>{gist(sql)}</code>
              </button>
            </li>
          ))}
        </ul>
      )}
      {past?.length === 0 && <p className="muted small">Nothing yet.</p>}
      {past && past.length > 0 && (
        <button
          type="button"
          className="plain-button"
          onClick={() => {
            forgetHunts(user);
            setPast([]);
          }}
        >
          Forget {plural(past.length, 'hunt')}
        </button>
      )}
    </details>
  );
}

/** A statement on one line, without comments. */
function gist(sql: string): string {
  return sql
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
}
