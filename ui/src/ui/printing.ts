import { useSyncExternalStore } from 'react';

let printing = false;
const listeners = new Set<() => void>();

function change(to: boolean): void {
  printing = to;
  // External stores update synchronously: the page is complete before the browser lays it out for paper.
  for (const listener of listeners) listener();
}

addEventListener('beforeprint', () => change(true));
addEventListener('afterprint', () => change(false));

/** True while the page is laid out for paper, where nothing can be scrolled, hovered or opened. */
export function usePrinting(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => printing,
  );
}
