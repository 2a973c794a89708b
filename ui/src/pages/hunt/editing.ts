import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, type Extension, Prec, type TransactionSpec } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { HuntTable } from '../../served/contract';
import { FUNCTIONS, HUNT_SQL } from './dialect';
import type { Trouble } from './position';

/** Colors of the page: its variables reach into the shadow tree and follow the theme. */
const colors = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--on-medium)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--hue-personal)' },
  { tag: tags.comment, color: 'var(--faint)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--hue-health)' },
  { tag: tags.special(tags.name), color: 'var(--on-high)' },
  { tag: tags.operator, color: 'var(--muted)' },
]);

const look = EditorView.theme({
  '&': { backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '14px', borderRadius: '10px 10px 0 0' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', minHeight: '9rem', maxHeight: '26rem' },
  '.cm-content': { padding: '0.8rem 0', caretColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--faint)', border: '0', paddingLeft: '0.4rem' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--sunken) 70%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '1.5px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 24%, transparent)',
  },
  '.cm-placeholder': { color: 'var(--faint)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--accent)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: '8px',
    boxShadow: 'var(--shadow-high)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '13px', maxHeight: '15rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--accent)',
  },
  '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal', marginLeft: '1rem' },
  '.cm-completionInfo': { padding: '6px 10px', maxWidth: '22rem', fontFamily: 'var(--sans)', fontSize: '13px' },
  '.cm-diagnostic': { padding: '6px 10px', fontFamily: 'var(--sans)', borderLeft: '3px solid var(--sev-critical)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--sev-critical)',
    textUnderlineOffset: '3px',
  },
});

const language = new Compartment();

/**
 * Types over a selection by the editor's own means. The browser's would keep the look of what was there in an inline
 * style, which the policy of the page refuses with a complaint.
 */
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to, empty } = view.state.selection.main;
    const text = event.data;
    if (event.inputType !== 'insertText' || empty || !text || event.isComposing) return false;
    event.preventDefault();
    const insert = () =>
      view.state.update(view.state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true });
    const handled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, text, insert));
    if (!handled) view.dispatch(insert());
    return true;
  },
});

/** Everything of the editor that does not change. */
export const editing: Extension = [
  typeOver,
  lineNumbers(),
  highlightSpecialChars(),
  history(),
  drawSelection(),
  highlightActiveLine(),
  bracketMatching(),
  closeBrackets(),
  autocompletion({ icons: false, activateOnTypingDelay: 60 }),
  syntaxHighlighting(colors),
  language.of(languageOf([])),
  placeholder('select …'),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ 'aria-label': 'SQL', spellcheck: 'false' }),
  look,
  // Tab takes a completion, and otherwise leaves the field as everywhere on the page.
  keymap.of([
    { key: 'Tab', run: acceptCompletion },
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...historyKeymap,
    ...defaultKeymap,
  ]),
];

export function newState(doc: string, extensions: Extension[]): EditorState {
  return EditorState.create({ doc, extensions });
}

/** Runs what is selected, or all, with Ctrl or Command and Enter. */
export function runOn(run: (sql: string) => void): Extension {
  const press = (view: EditorView) => {
    closeCompletion(view);
    const { main } = view.state.selection;
    run(main.empty ? view.state.doc.toString() : view.state.sliceDoc(main.from, main.to));
    return true;
  };
  return Prec.highest(keymap.of([{ key: 'Mod-Enter', run: press }]));
}

/** Completes these tables and their columns from now on. */
export function completing(tables: HuntTable[]): TransactionSpec {
  return { effects: language.reconfigure(languageOf(tables)) };
}

function languageOf(tables: HuntTable[]): Extension {
  const schema = Object.fromEntries(
    tables.map(({ name, about, columns }) => [
      name,
      {
        self: { label: name, type: 'type', detail: 'table', info: about } satisfies Completion,
        children: columns.map(columnCompletion),
      },
    ]),
  );
  const support = sql({ dialect: HUNT_SQL, schema, upperCaseKeywords: false });
  // Without `from` behind the cursor nothing says which table is meant: then the columns of all are offered.
  const everywhere = support.language.data.of({
    autocomplete: columnsAnywhere(tables),
  });
  return [support, everywhere];
}

function columnsAnywhere(tables: HuntTable[]) {
  const seen = new Map<string, Completion>();
  for (const { columns } of tables) {
    for (const column of columns) if (!seen.has(column.name)) seen.set(column.name, columnCompletion(column));
  }
  const options = [...seen.values(), ...FUNCTIONS.map(functionCompletion)];
  return (context: CompletionContext) => {
    const word = context.matchBefore(/\w+/);
    const afterDot = context.matchBefore(/\.\w*/);
    if (afterDot || (!word && !context.explicit)) return null;
    return { from: word?.from ?? context.pos, options, validFor: /^\w*$/ };
  };
}

function columnCompletion({ name, type, about }: HuntTable['columns'][number]): Completion {
  return { label: name, type: 'property', detail: type, info: about, boost: 1 };
}

/** What stands beside the name is an example, to be seen and not inserted. */
function functionCompletion([name, takes, about]: (typeof FUNCTIONS)[number]): Completion {
  return { label: name, type: 'function', detail: takes, info: about };
}

/** Underlines what is wrong; nothing when nothing is. */
export function marking(state: EditorState, trouble: Trouble | null): TransactionSpec {
  const fits = trouble && trouble.to <= state.doc.length && trouble.from < trouble.to;
  return setDiagnostics(state, fits ? [{ ...trouble, severity: 'error' }] : []);
}
