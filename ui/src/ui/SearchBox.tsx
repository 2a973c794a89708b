import { useEffect, useRef, useState } from 'react';
import { Icon } from './Icon';

interface Props {
  value: string;
  onChange: (text: string) => void;
  label: string;
  placeholder: string;
}

/** A search field; `/` focuses it from anywhere on the page, Escape empties it. */
export function SearchBox({ value, onChange, label, placeholder }: Props) {
  const input = useRef<HTMLInputElement>(null);
  // The URL answers a keystroke late; typing must not wait for it, but a change from elsewhere must show.
  const [text, setText] = useState(value);
  const [sent, setSent] = useState(value);
  if (value !== sent) {
    setSent(value);
    setText(value);
  }
  const change = (next: string) => {
    setText(next);
    setSent(next);
    onChange(next);
  };
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const busy = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (event.key !== '/' || busy || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  return (
    <label className="searchbox">
      <Icon name="search" size={16} />
      <span className="sr">{label}</span>
      <input
        ref={input}
        type="search"
        value={text}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && change('')}
      />
    </label>
  );
}
