import type { QueryClient } from '@tanstack/react-query';
import type { Triage, TriagedFinding, TriageState } from '../../api/report';
import { plural } from '../../format';
import { ApiError, api } from '../client';
import type { List } from '../contract';
import { findingsQuery } from '../queries';

/** What is changed about findings; what is absent stays. */
export interface Judgment {
  state?: Exclude<TriageState, 'reopened'>;
  reason?: string | null;
  until?: string | null;
  owner?: string | null;
}

/** How a judgment of several findings went. */
export interface Outcome {
  done: Done[];
  /** Somebody else changed these meanwhile; as they are now. */
  conflicts: TriagedFinding[];
  failed: { finding: TriagedFinding; error: Error }[];
}

export interface Done {
  before: Triage;
  after: TriagedFinding;
}

/** Requests at a time: a bulk judgment should neither take minutes nor fill the server's limit. */
const AT_ONCE = 6;

/** Judges each finding, if it is still what the user saw. */
export async function judge(client: QueryClient, findings: TriagedFinding[], judgment: Judgment): Promise<Outcome> {
  const outcome: Outcome = { done: [], conflicts: [], failed: [] };
  const waiting = [...findings];
  const worker = async () => {
    for (let finding = waiting.shift(); finding; finding = waiting.shift()) await judgeOne(finding, judgment, outcome);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  keep(client, [...outcome.done.map(({ after }) => after), ...outcome.conflicts]);
  return outcome;
}

async function judgeOne(finding: TriagedFinding, judgment: Judgment, outcome: Outcome): Promise<void> {
  const before = finding.triage;
  if (!before) return;
  const path = `/v1/findings/${encodeURIComponent(finding.id)}`;
  try {
    const request = { method: 'PATCH', body: judgment, ifMatch: `"${before.version}"` } as const;
    outcome.done.push({ before, after: await api<TriagedFinding>(path, request) });
  } catch (error) {
    if (error instanceof ApiError && error.status === 412) {
      try {
        outcome.conflicts.push(await api<TriagedFinding>(path));
        return;
      } catch {
        // Gone by now, or not reachable: the refusal is what there is to tell.
      }
    }
    outcome.failed.push({ finding, error: error instanceof Error ? error : new Error(String(error)) });
  }
}

/** Puts findings as they are now where the pages look. */
function keep(client: QueryClient, findings: TriagedFinding[]): void {
  const byId = new Map(findings.map((finding) => [finding.id, finding]));
  client.setQueryData(
    findingsQuery.queryKey,
    (list: List<TriagedFinding> | undefined) =>
      list && {
        ...list,
        items: list.items.map((item) => {
          const now = byId.get(item.id);
          return now ? { ...item, triage: now.triage } : item;
        }),
      },
  );
}

/** The judgment that brings back what was there before. */
export function reverse({ state, reason, until, owner }: Triage): Judgment {
  return { state: state === 'reopened' ? 'open' : state, reason, until, owner };
}

/** Findings that need the same judgment to be as before, together. */
export function undoOf(done: Done[]): { findings: TriagedFinding[]; judgment: Judgment }[] {
  const groups = new Map<string, { findings: TriagedFinding[]; judgment: Judgment }>();
  for (const { before, after } of done) {
    const judgment = reverse(before);
    const key = JSON.stringify(judgment);
    const group = groups.get(key) ?? { findings: [], judgment };
    group.findings.push(after);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What was done, in a sentence: `Accepted 3 findings.` */
export function said({ state, owner }: Judgment, many: number): string {
  const what = plural(many, 'finding');
  if (state === 'accepted') return `Accepted ${what}.`;
  if (state === 'resolved') return `Resolved ${what}.`;
  if (state === 'open') return `Opened ${what} again.`;
  return owner ? `Gave ${what} to ${owner}.` : `${what} now ${many === 1 ? 'has' : 'have'} no owner.`;
}
