import { label } from '../catalog';
import { usePrinting } from './printing';

/** A JSON Schema as far as the tree reads it; everything else is left alone. */
interface Schema {
  type?: string | string[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  description?: string;
  /** `null` is allowed for caution: too few bodies were seen to rule it out. */
  'x-vedette-null-unseen'?: boolean;
  /** The properties that some objects lacked, where too few were seen to require any. */
  'x-vedette-optional'?: string[];
}

/** Deeper levels are not drawn: they would be narrower than a word. */
const DEPTH_MAX = 24;
/** Levels that are open at first. */
const OPEN_DEPTH = 2;

/** A schema as a tree whose branches fold. */
export function SchemaTree({ schema, name }: { schema: unknown; name: string }) {
  return (
    <ul className="schema" aria-label={name}>
      <Node schema={asSchema(schema)} name="$" depth={0} required />
    </ul>
  );
}

interface NodeProps {
  schema: Schema;
  name: string;
  depth: number;
  required?: boolean;
}

function Node({ schema, name, depth, required = false }: NodeProps) {
  const printing = usePrinting();
  const children = depth < DEPTH_MAX ? childrenOf(schema) : [];
  const line = (
    <>
      <code className="schema-name">{name}</code>
      <span className="schema-type">{typeOf(schema)}</span>
      {schema.format && <span className="schema-format">{schema.format}</span>}
      {!required && depth > 0 && <span className="schema-optional">optional</span>}
      <span className="schema-limits">{limitsOf(schema)}</span>
    </>
  );
  if (children.length === 0) return <li className="schema-leaf">{line}</li>;
  return (
    <li>
      <details open={printing || depth < OPEN_DEPTH}>
        <summary>{line}</summary>
        <ul>
          {children.map((child) => (
            <Node
              key={child.name}
              schema={child.schema}
              name={child.name}
              required={child.required}
              depth={depth + 1}
            />
          ))}
        </ul>
      </details>
    </li>
  );
}

function childrenOf(schema: Schema): Omit<NodeProps, 'depth'>[] {
  const children: Omit<NodeProps, 'depth'>[] = Object.entries(schema.properties ?? {}).map(([name, child]) => ({
    name,
    schema: asSchema(child),
    required: schema.required?.includes(name) ?? schema['x-vedette-optional']?.includes(name) === false,
  }));
  if (schema.items) children.push(...unwrapped('[ ]', asSchema(schema.items)));
  if (typeof schema.additionalProperties === 'object') {
    children.push({ name: '{any key}', schema: asSchema(schema.additionalProperties), required: false });
  }
  for (const [at, option] of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].entries()) {
    children.push({ name: `either ${at + 1}`, schema: asSchema(option), required: true });
  }
  return children;
}

function unwrapped(name: string, items: Schema): Omit<NodeProps, 'depth'>[] {
  return [{ name, schema: items, required: true }];
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const all = Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : [];
  const types = all.filter((type) => type !== 'null' || !schema['x-vedette-null-unseen']);
  if (types.length > 0) return types.join(' or ');
  return schema.anyOf || schema.oneOf ? 'one of' : 'any';
}

function limitsOf(schema: Schema): string {
  const limits: string[] = [];
  if (schema.enum)
    limits.push(
      schema.enum
        .slice(0, 8)
        .map((value) => JSON.stringify(value))
        .join(' | ') + (schema.enum.length > 8 ? ' | …' : ''),
    );
  const { minimum, maximum, minLength, maxLength, pattern, description } = schema;
  if (minimum !== undefined || maximum !== undefined) limits.push(`${minimum ?? '…'} to ${maximum ?? '…'}`);
  if (minLength !== undefined || maxLength !== undefined)
    limits.push(`${minLength ?? 0} to ${maxLength ?? '…'} characters`);
  if (pattern) limits.push(`matches ${pattern}`);
  if (description) limits.push(description);
  for (const [key, value] of Object.entries(schema)) {
    if (key.startsWith('x-') && typeof value !== 'object' && key !== 'x-vedette-null-unseen')
      limits.push(`${label(key.slice(2))}: ${String(value)}`);
  }
  return limits.join(' · ');
}

/** Anything can stand in a document that was edited; what is no object constrains nothing. */
function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}
