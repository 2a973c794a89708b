import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useId } from 'react';
import { label } from '../../catalog';
import { day } from '../../format';
import { ApiError, api } from '../../served/client';
import type { Setting } from '../../served/contract';
import { settingsQuery } from '../../served/queries';
import { Panel } from '../../ui/Panel';

/** What an administrator may change while the server runs; the rest is in its configuration file. */
export function Server() {
  const { data } = useSuspenseQuery(settingsQuery);
  return (
    <Panel title="Server" hint="These hold from now on. Everything else is in the configuration file.">
      <ul className="lines server-settings">
        {data.items.map((setting) => (
          <Row key={`${setting.name} ${setting.version}`} setting={setting} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ setting }: { setting: Setting }) {
  const { name, help, value, default: preset, least, most, updated_by, updated_at, version } = setting;
  const client = useQueryClient();
  const id = useId();
  const save = useMutation({
    mutationFn: (next: number) =>
      api(`/v1/settings/${encodeURIComponent(name)}`, {
        method: 'PUT',
        body: { value: next },
        ifMatch: `"${version}"`,
      }),
    onSettled: () => client.invalidateQueries({ queryKey: settingsQuery.queryKey }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(Number(new FormData(event.currentTarget).get('value')));
  };
  const conflict = save.error instanceof ApiError && save.error.status === 412;
  return (
    <li>
      <span>
        <label htmlFor={id}>
          <b>{label(name)}</b>
        </label>
        <span className="muted small server-help">
          {help} {value === preset ? 'As it comes.' : `${preset} as it comes.`}
          {updated_by && ` Set by ${updated_by}, ${day(updated_at)}.`}
        </span>
        {save.error && (
          <span className="caution small" role="alert">
            {conflict ? 'Somebody changed it meanwhile; this is their value.' : save.error.message}
          </span>
        )}
      </span>
      <form onSubmit={submit} className="server-form">
        <input id={id} name="value" type="number" defaultValue={value} min={least} max={most} required />
        <button type="submit" className="button" disabled={save.isPending}>
          Save<span className="sr"> {label(name)}</span>
        </button>
      </form>
    </li>
  );
}
