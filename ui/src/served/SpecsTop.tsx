import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ChangeEvent, useRef } from 'react';
import { plural } from '../format';
import { Icon } from '../ui/Icon';
import { ApiError, query, send } from './client';
import { useMay } from './session';

/** Takes specifications; what they say is compared with the traffic from then on. */
export function SpecsTop() {
  const client = useQueryClient();
  const { may, why } = useMay('admin');
  const input = useRef<HTMLInputElement>(null);
  const upload = useMutation({
    mutationFn: async (files: File[]) => {
      for (const file of files) {
        await send(`/v1/specs${query({ name: file.name })}`, {
          method: 'POST',
          raw: file,
          headers: { 'content-type': file.name.endsWith('.json') ? 'application/json' : 'application/yaml' },
        });
      }
      return files.length;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['learned'] }),
  });
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.target.files ?? [])];
    event.target.value = '';
    if (files.length > 0) upload.mutate(files);
  };
  const { error } = upload;
  return (
    <section className="panel upload" aria-label="Upload">
      <p>
        OpenAPI 2.0 to 3.2 and Postman collections tell what should be there: Vedette shows what is undeclared, unused
        or different.
      </p>
      {may ? (
        <>
          <input
            ref={input}
            type="file"
            className="sr"
            multiple
            accept=".yaml,.yml,.json"
            onChange={choose}
            aria-label="Specification files"
            tabIndex={-1}
          />
          <button type="button" className="button" disabled={upload.isPending} onClick={() => input.current?.click()}>
            <Icon name="plus" size={15} /> {upload.isPending ? 'Uploading…' : 'Upload specifications'}
          </button>
        </>
      ) : (
        <p className="muted small">{why}</p>
      )}
      {upload.data !== undefined && <p role="status">{plural(upload.data, 'specification')} taken.</p>}
      {error && (
        <p className="form-error" role="alert">
          {error.message}
          {error instanceof ApiError && error.problem.errors?.map(({ at, message }) => ` ${at}: ${message}.`)}
        </p>
      )}
    </section>
  );
}
