import { useEffect, useRef, useState } from 'react';
import { count } from '../format';
import { Icon } from './Icon';

interface Props {
  label: string;
  /** Values to choose from, with how many rows each would show; asked for when the menu opens. */
  options: () => [value: string, count: number][];
  chosen: string[];
  name: (value: string) => string;
  onChange: (chosen: string[]) => void;
}

/** Menus longer than this get a field to narrow them. */
const FILTER_FROM = 12;
/** More rows than this are found by typing. */
const SHOWN_MAX = 100;

/** A button that opens a list of checkboxes. */
export function FacetMenu({ label, options, chosen, name, onChange }: Props) {
  const menu = useRef<HTMLDetailsElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event) => {
      const outside = event.type === 'pointerdown' && !menu.current?.contains(event.target as Node);
      const escaped = event instanceof KeyboardEvent && event.key === 'Escape';
      if (!outside && !escaped) return;
      if (escaped) menu.current?.querySelector('summary')?.focus();
      setOpen(false);
    };
    addEventListener('pointerdown', close);
    addEventListener('keydown', close);
    return () => {
      removeEventListener('pointerdown', close);
      removeEventListener('keydown', close);
    };
  }, [open]);
  return (
    <details className="facet" ref={menu} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={chosen.length > 0 ? 'on' : ''}>
        {label}
        {chosen.length > 0 && <b>{chosen.length}</b>}
        <Icon name="chevron" size={12} />
      </summary>
      {open && <Choices {...{ label, options, chosen, name, onChange }} />}
    </details>
  );
}

function Choices({ label, options, chosen, name, onChange }: Props) {
  const [text, setText] = useState('');
  const all = options();
  const found = all.filter(([value]) => name(value).toLowerCase().includes(text.toLowerCase()));
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  return (
    <fieldset className="facet-menu">
      <legend className="sr">{label}</legend>
      {all.length > FILTER_FROM && (
        <input
          type="search"
          value={text}
          placeholder="Narrow…"
          aria-label={`Narrow ${label}`}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      <div className="facet-list">
        {found.slice(0, SHOWN_MAX).map(([value, rows]) => (
          <label key={value}>
            <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
            <span>{name(value)}</span>
            <small>{count(rows)}</small>
          </label>
        ))}
        {found.length > SHOWN_MAX && <p className="muted">{count(found.length - SHOWN_MAX)} more: type to narrow.</p>}
        {found.length === 0 && <p className="muted">Nothing here.</p>}
      </div>
    </fieldset>
  );
}
