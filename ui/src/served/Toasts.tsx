import { useCallback, useState } from 'react';
import { Icon } from '../ui/Icon';

export interface Toast {
  id: number;
  text: string;
  bad?: boolean;
  action?: { name: string; run: () => void };
}

/** Long enough to read it and to press Undo; what went wrong stays until it was read. */
const SHOWN_MS = 10_000;

let ids = 0;

/** Short messages about what was just done. */
export function useToasts() {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const dismiss = useCallback((id: number) => setToasts((now) => now.filter((toast) => toast.id !== id)), []);
  const say = useCallback(
    (text: string, options: Pick<Toast, 'bad' | 'action'> = {}) => {
      ids += 1;
      const toast = { id: ids, text, ...options };
      // Only the last thing that was done can be undone at a press.
      setToasts((now) => [...now.filter((one) => !one.action || !toast.action), toast]);
      if (!toast.bad) setTimeout(() => dismiss(toast.id), SHOWN_MS);
    },
    [dismiss],
  );
  return { toasts, say, dismiss };
}

export function Toasts({ toasts, dismiss }: { toasts: Toast[]; dismiss: (id: number) => void }) {
  return (
    <div className="toasts" role="status" aria-label="Messages">
      {toasts.map(({ id, text, bad, action }) => (
        <p key={id} className={bad ? 'toast toast-bad' : 'toast'}>
          <span>{text}</span>
          {action && (
            <button
              type="button"
              className="plain-button"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.name}
            </button>
          )}
          <button type="button" className="tool" onClick={() => dismiss(id)} aria-label="Dismiss">
            <Icon name="close" size={14} />
          </button>
        </p>
      ))}
    </div>
  );
}
