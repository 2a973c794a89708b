/** A hunt in the address: behind the hash, which browsers send to nobody, since SQL may name people. */

export interface Addressed {
  sql: string | null;
  values: Record<string, string>;
}

export function toHash(sql: string, values: Record<string, string>): string {
  const params = new URLSearchParams({ sql });
  for (const [name, value] of Object.entries(values)) if (value !== '') params.set(`p.${name}`, value);
  return params.toString();
}

export function fromHash(hash: string): Addressed {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const values: Record<string, string> = {};
  for (const [key, value] of params) if (key.startsWith('p.')) values[key.slice(2)] = value;
  return { sql: params.get('sql'), values };
}
