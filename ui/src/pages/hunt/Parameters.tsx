import { Field } from '../../ui/Field';
import type { Asked } from './parameters';

interface Props {
  definitions: Asked[];
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}

/** A field for each `$name` of the statement. */
export function Parameters({ definitions, values, onChange }: Props) {
  if (definitions.length === 0) return null;
  return (
    <fieldset className="hunt-parameters">
      <legend className="sr">Parameters</legend>
      {definitions.map(({ name, type, default: preset, help }) => (
        <Field
          key={name}
          label={`$${name}`}
          name={name}
          value={values[name] ?? ''}
          placeholder={preset === undefined ? type : String(preset)}
          hint={help || undefined}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange({ ...values, [name]: event.target.value })}
        />
      ))}
    </fieldset>
  );
}
