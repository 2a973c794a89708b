import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { moment } from '../../format';
import { api } from '../client';
import { commentsQuery } from '../queries';
import { useMay } from '../session';

/** What people say about the finding or incident at a path, oldest first. */
export function Comments({ path }: { path: string }) {
  const client = useQueryClient();
  const { may, why } = useMay('triage');
  const comments = useQuery(commentsQuery(path));
  const add = useMutation({
    mutationFn: (text: string) => api(`${path}/comments`, { method: 'POST', body: { text } }),
    onSuccess: () => client.invalidateQueries({ queryKey: commentsQuery(path).queryKey }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const text = String(new FormData(form).get('text') ?? '').trim();
    if (text) add.mutate(text, { onSuccess: () => form.reset() });
  };
  const trouble = comments.error ?? add.error;
  return (
    <div className="comments">
      <ul aria-label="Comments">
        {comments.data?.items.map(({ id, created_at, author, text }) => (
          <li key={id}>
            <b>{author}</b> <small className="muted">{moment(created_at)} UTC</small>
            <p>{text}</p>
          </li>
        ))}
      </ul>
      {comments.data?.items.length === 0 && <p className="muted small">Nobody said anything yet.</p>}
      {trouble && (
        <p className="form-error" role="alert">
          {trouble.message}
        </p>
      )}
      {may ? (
        <form onSubmit={submit} className="comment-form">
          <textarea
            name="text"
            rows={2}
            maxLength={4000}
            required
            aria-label="New comment"
            placeholder="Say something…"
          />
          <button type="submit" className="button" disabled={add.isPending}>
            Comment
          </button>
        </form>
      ) : (
        <p className="muted small">{why}</p>
      )}
    </div>
  );
}
