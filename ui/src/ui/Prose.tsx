/** Text in which backticks mark code and braces path parameters, as the engine writes it. */
export function Prose({ text }: { text: string }) {
  return text.split(/(`[^`]+`|\{[^{}\s]+\})/).map((part, place) => {
    if (part.length > 2 && part.startsWith('{')) {
      return (
        <code className="template" key={place}>
          <em>{part}</em>
        </code>
      );
    }
    const code = part.length > 2 && part.startsWith('`') && part.endsWith('`');
    return code ? <code key={place}>{part.slice(1, -1)}</code> : part;
  });
}
