import type { Cell, HuntParameter, HuntParameterType } from '../../served/contract';

/** A parameter to ask for; its type is not known where nobody described it. */
export type Asked = Omit<HuntParameter, 'type'> & { type?: HuntParameterType };

/** Texts, quoted names, comments and dollar quotes, in which a `$name` is no parameter; then the parameters. */
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*)/g;

/** Names of the parameters (`$name`) in a statement, in the order of their first use. */
export function parameterNames(sql: string): string[] {
  const names = new Set<string>();
  for (const [, name] of sql.matchAll(TOKENS)) if (name) names.add(name);
  return [...names];
}

/**
 * The statement with the types of its parameters said. The server knows them for a saved hunt; in one that was changed
 * since, a time or an interval would be a text.
 */
export function withTypes(sql: string, definitions: Asked[]): string {
  const types = new Map(definitions.map(({ name, type }) => [name, type]));
  return sql.replaceAll(TOKENS, (token, name: string | undefined) => {
    const type = name && types.get(name);
    return type === 'time' || type === 'interval' ? `cast(${token} as ${type === 'time' ? 'timestamp' : type})` : token;
  });
}

/** The values as JSON of the types that the parameters have; an untyped number is one when it looks so. */
export function typedValues(definitions: Asked[], texts: Record<string, string>): Record<string, Cell> {
  const values: Record<string, Cell> = {};
  for (const { name, type, default: preset } of definitions) {
    const text = texts[name];
    if (text === undefined || text === '') {
      if (preset !== undefined) values[name] = preset as Cell;
      else if (text === '') values[name] = '';
      continue;
    }
    values[name] = typed(text, type);
  }
  return values;
}

function typed(text: string, type: HuntParameterType | undefined): Cell {
  const number = Number(text);
  const isNumber = text.trim() !== '' && Number.isFinite(number);
  if (type === 'boolean') return text === 'true';
  if (type === 'integer' || type === 'number') return isNumber ? number : text;
  // Digits that a number cannot hold exactly stay a text.
  return type === undefined && isNumber && String(number) === text ? number : text;
}
