import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react';
import type { TriagedFinding } from '../../api/report';
import { plural } from '../../format';
import { type Toast, Toasts, useToasts } from '../Toasts';
import { BulkBar } from './BulkBar';
import { ConflictDialog } from './ConflictDialog';
import { JudgeDialog, type Question } from './JudgeDialog';
import { type Judgment, judge, said, undoOf } from './judge';

/** What findings are judged with, wherever they are shown. */
export interface Desk {
  /** Ids of the findings that are ticked. */
  ticked: ReadonlySet<string>;
  tick: (findings: TriagedFinding[], on: boolean) => void;
  /** Asks for what a judgment needs (a reason, an end), then judges. */
  ask: (question: Question) => void;
  /** Tells the outcome of something. */
  say: (text: string, options?: Pick<Toast, 'bad' | 'action'>) => void;
  /** Judges at once. */
  apply: (findings: TriagedFinding[], judgment: Judgment) => void;
}

const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = use(DeskContext);
  if (!desk) throw new Error('Findings are judged inside the served app only.');
  return desk;
}

interface Conflict {
  findings: TriagedFinding[];
  judgment: Judgment;
}

/** Holds the ticked findings, the open question and what is told about the outcome. */
export function TriageDesk({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { toasts, say, dismiss } = useToasts();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [question, setQuestion] = useState<Question | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);

  const tick = useCallback((findings: TriagedFinding[], on: boolean) => {
    setTicked((now) => {
      const next = new Set(now);
      for (const { id } of findings) {
        if (on) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  }, []);

  const apply = useCallback(
    async (findings: TriagedFinding[], judgment: Judgment, undoing = false) => {
      const { done, conflicts, failed } = await judge(client, findings, judgment);
      const gone = new Set(done.map(({ after }) => after.id));
      setTicked((now) => new Set([...now].filter((id) => !gone.has(id))));
      if (conflicts.length > 0) setConflict({ findings: conflicts, judgment });
      const [first] = failed;
      if (first) say(`${plural(failed.length, 'finding')} could not be changed. ${first.error.message}`, { bad: true });
      if (done.length === 0) return;
      if (undoing) {
        say(`Undone for ${plural(done.length, 'finding')}.`);
        return;
      }
      const undo = () => {
        for (const group of undoOf(done)) void apply(group.findings, group.judgment, true);
      };
      say(said(judgment, done.length), { action: { name: 'Undo', run: undo } });
    },
    [client, say],
  );

  const desk = useMemo(
    (): Desk => ({
      ticked,
      tick,
      ask: setQuestion,
      say,
      apply: (findings, judgment) => void apply(findings, judgment),
    }),
    [ticked, tick, apply, say],
  );
  return (
    <DeskContext value={desk}>
      {children}
      {ticked.size > 0 && <BulkBar />}
      {question && (
        <JudgeDialog
          question={question}
          onClose={() => setQuestion(null)}
          onJudge={(judgment) => void apply(question.findings, judgment)}
        />
      )}
      {conflict && (
        <ConflictDialog
          {...conflict}
          onClose={() => setConflict(null)}
          onApply={() => void apply(conflict.findings, conflict.judgment)}
        />
      )}
      <Toasts toasts={toasts} dismiss={dismiss} />
    </DeskContext>
  );
}
