import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ChangeEvent, useId } from 'react';
import { plural } from '../../format';
import { Icon } from '../../ui/Icon';
import { ApiError, query, send } from '../client';
import type { UploadedSpec } from '../contract';
import { specsQuery } from '../queries';
import { useMay } from '../session';

interface Props {
  /** The specification of which this will be a new version; a new one without it. */
  replaced?: UploadedSpec;
}

/** Takes specifications; the traffic is compared with them from then on. */
export function Upload({ replaced }: Props) {
  const client = useQueryClient();
  const { may, why } = useMay('admin');
  const id = useId();
  const upload = useMutation({
    mutationFn: async (files: File[]) => {
      for (const file of files) await put(file, replaced);
      return files.length;
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: specsQuery.queryKey }),
        client.invalidateQueries({ queryKey: ['learned', 'conformance'] }),
      ]),
  });
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.target.files ?? [])];
    event.target.value = '';
    if (files.length > 0) upload.mutate(files);
  };
  const { error } = upload;
  if (!may) return replaced ? null : <p className="muted small">{why}</p>;
  return (
    <>
      <span className="upload-file">
        <input
          id={id}
          type="file"
          className="sr"
          multiple={!replaced}
          accept=".yaml,.yml,.json"
          onChange={choose}
          disabled={upload.isPending}
        />
        <label htmlFor={id} className={replaced ? 'plain-button' : 'button'}>
          {!replaced && <Icon name="plus" size={15} />}
          {upload.isPending ? 'Uploading…' : replaced ? 'New version…' : 'Upload specifications…'}
          {replaced && <span className="sr"> of {replaced.name}</span>}
        </label>
      </span>
      {upload.data !== undefined && !replaced && <p role="status">{plural(upload.data, 'specification')} taken.</p>}
      {error && (
        <div className="form-error" role="alert">
          <p>{error.message}</p>
          {error instanceof ApiError &&
            error.problem.errors?.map(({ at, message }) => (
              <p key={`${at} ${message}`} className="small">
                {at}: {message}
              </p>
            ))}
        </div>
      )}
    </>
  );
}

function put(file: File, replaced: UploadedSpec | undefined): Promise<Response> {
  const headers = { 'content-type': file.name.endsWith('.json') ? 'application/json' : 'application/yaml' };
  if (!replaced) return send(`/v1/specs${query({ name: file.name })}`, { method: 'POST', raw: file, headers });
  const path = `/v1/specs/${encodeURIComponent(replaced.id)}`;
  return send(path, { method: 'PUT', raw: file, headers, ifMatch: `"${replaced.version}"` });
}
