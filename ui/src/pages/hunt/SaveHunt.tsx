import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { api } from '../../served/client';
import type { SavedHunt } from '../../served/contract';
import { huntsQuery } from '../../served/queries';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import type { Asked } from './parameters';

interface Props {
  sql: string;
  parameters: Asked[];
  /** The hunt that it began as. */
  saved?: SavedHunt;
  onClose: () => void;
}

/** Gives a hunt a name, for everybody here to use. */
export function SaveHunt({ sql, parameters, saved, onClose }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const own = saved && !saved.shipped ? saved : undefined;
  const save = useMutation({
    mutationFn: (body: { title: string; question: string }) =>
      api<SavedHunt>(own ? `/v1/hunts/${encodeURIComponent(own.id)}` : '/v1/hunts', {
        method: own ? 'PUT' : 'POST',
        body: { ...body, sql, parameters: parameters.map((one) => ({ ...one, type: one.type ?? 'text' })) },
        ifMatch: own && `"${own.version}"`,
      }),
    onSuccess: async (hunt) => {
      await client.invalidateQueries({ queryKey: huntsQuery.queryKey });
      onClose();
      void navigate({ to: '/hunt', search: { saved: hunt.id }, hash: true, resetScroll: false });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    save.mutate({ title: String(form.get('title')).trim(), question: String(form.get('question')).trim() });
  };
  return (
    <Dialog title={own ? `Save ${own.title}` : 'Save this hunt'} onClose={onClose}>
      <form onSubmit={submit} className="form">
        <Field label="Title" name="title" defaultValue={own?.title} required maxLength={120} autoFocus />
        <Field
          label="Question that it answers"
          name="question"
          defaultValue={own?.question}
          maxLength={500}
          hint="Optional."
        />
        {save.error && (
          <p className="form-error" role="alert">
            {save.error.message}
          </p>
        )}
        <p className="form-end">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-main" disabled={save.isPending}>
            Save
          </button>
        </p>
      </form>
    </Dialog>
  );
}
