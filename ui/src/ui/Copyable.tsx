import { useRef, useState } from 'react';

/** A block of text to paste elsewhere, with a button that copies it; where that is forbidden, the text is selected. */
export function Copyable({ text, name }: { text: string; name: string }) {
  const block = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      const selection = getSelection();
      if (selection && block.current) selection.selectAllChildren(block.current);
      setSaid('Selected: press Ctrl+C');
    }
  };
  return (
    <div className="copyable">
      <button type="button" className="plain-button" onClick={() => void copy()}>
        Copy
        <span className="sr"> {name}</span>
      </button>
      <span className="muted small" role="status">
        {said}
      </span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section tabIndex={0} aria-label={name}>
        <pre ref={block}>{text}</pre>
      </section>
    </div>
  );
}
