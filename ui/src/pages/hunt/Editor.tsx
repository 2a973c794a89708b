import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { HuntTable } from '../../served/contract';
import { completing, editing, marking, newState, runOn } from './editing';
import type { Trouble } from './position';

interface Props {
  /** What is in the field at first, and again whenever `origin` changes. */
  value: string;
  /** Counts the texts that did not come from typing: an echo of older typing must not overwrite newer. */
  origin: number;
  tables: HuntTable[];
  /** What is wrong, and where. */
  trouble: Trouble | null;
  onChange: (sql: string) => void;
  onRun: (sql: string) => void;
}

/**
 * A field for SQL. It lives in a shadow tree: there the editor's styles are sheets made by script, which a page that
 * allows no inline style may have.
 */
export function Editor({ value, origin, tables, trouble, onChange, onRun }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  // The editor is made once; what it calls is always the latest.
  const calls = useRef({ onChange, onRun });
  useEffect(() => {
    calls.current = { onChange, onRun };
  });

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open', delegatesFocus: true });
    const extensions: Extension[] = [
      editing,
      runOn((sql) => calls.current.onRun(sql)),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) calls.current.onChange(update.state.doc.toString());
      }),
    ];
    const made = new EditorView({ root, parent: root, state: newState('', extensions) });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is taken when it comes from elsewhere, only.
  useEffect(() => {
    const editor = view.current;
    editor?.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [origin]);
  useEffect(() => {
    view.current?.dispatch(completing(tables));
  }, [tables]);
  useEffect(() => {
    if (view.current) view.current.dispatch(marking(view.current.state, trouble));
  }, [trouble]);

  return <div ref={host} className="editor" />;
}
