import { count } from '../format';

interface Props {
  /** Each choice with its name and how many there are. */
  choices: readonly (readonly [id: string, name: string, many: number])[];
  chosen: string;
  onChange: (id: string) => void;
}

/** What is in question, by what people decided about it. */
export function StateChoice({ choices, chosen, onChange }: Props) {
  return (
    <fieldset className="segments state-choice">
      <legend className="sr">State</legend>
      {choices.map(([id, name, many]) => (
        <button key={id} type="button" aria-pressed={chosen === id} onClick={() => onChange(id)}>
          <span>
            {name} <small>{count(many)}</small>
          </span>
        </button>
      ))}
    </fieldset>
  );
}
