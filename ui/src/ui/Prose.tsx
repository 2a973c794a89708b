/** Text in which backticks mark code, as findings and hints write it. */
export function Prose({ text }: { text: string }) {
  return text.split(/(`[^`]+`)/).map((part, place) => {
    const code = part.length > 2 && part.startsWith('`') && part.endsWith('`');
    return code ? <code key={place}>{part.slice(1, -1)}</code> : part;
  });
}
