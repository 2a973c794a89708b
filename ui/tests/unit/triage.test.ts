import { expect, test } from 'vitest';
import { make } from '../../fixtures/make';
import type { Triage } from '../../src/api/report';
import { problemOf, stateOf } from '../../src/served/health';
import { reverse, said, undoOf } from '../../src/served/triage/judge';

const open: Triage = {
  state: 'open',
  reason: null,
  until: null,
  owner: null,
  updated_by: null,
  updated_at: null,
  version: 0,
};

test('what is undone is what was there, and what was alike is undone together', () => {
  const [a, b, c] = make().findings;
  if (!a || !b || !c) throw new Error('the fixture has too few findings');
  const accepted: Triage = { ...open, state: 'accepted', reason: 'known', until: '2027-01-01T00:00:00Z' };
  const groups = undoOf([
    { before: open, after: a },
    { before: accepted, after: b },
    { before: { ...open, version: 4 }, after: c },
  ]);
  expect(groups.map(({ findings, judgment }) => [findings.map(({ id }) => id), judgment.state])).toEqual([
    [[a.id, c.id], 'open'],
    [[b.id], 'accepted'],
  ]);
  expect(reverse(accepted)).toEqual({ state: 'accepted', reason: 'known', until: '2027-01-01T00:00:00Z', owner: null });
  // Only the server reopens.
  expect(reverse({ ...open, state: 'reopened' }).state).toBe('open');
});

test('what was done is said in a sentence', () => {
  expect(said({ state: 'accepted' }, 3)).toBe('Accepted 3 findings.');
  expect(said({ owner: 'ada' }, 1)).toBe('Gave 1 finding to ada.');
  expect(said({ owner: null }, 2)).toBe('2 findings now have no owner.');
});

test('a source is late, idle or failing by what it sends', () => {
  const now = Date.parse('2026-09-21T12:00:00Z');
  const source = {
    id: 'push',
    format: 'har-ndjson',
    received: 10,
    bytes: 100,
    accepted: 10,
    repeated: 0,
    refused: 0,
    skewed: 0,
    last_received_at: '2026-09-21T11:59:00Z',
    delay_secs: 2,
    origin: null,
    learned: null,
  };
  const origin = { waiting_bytes: 0, behind_secs: 0, in_flight: 0, problem: null };
  expect(stateOf(source, now)).toBe('ok');
  expect(stateOf({ ...source, delay_secs: 4000 }, now)).toBe('late');
  expect(stateOf({ ...source, last_received_at: '2026-09-21T09:00:00Z' }, now)).toBe('idle');
  expect(stateOf({ ...source, refused: 11 }, now)).toBe('failing');
  expect(stateOf({ ...source, origin: { ...origin, behind_secs: 4000 } }, now)).toBe('late');
  expect(stateOf({ ...source, origin: { ...origin, problem: 'it cannot be opened' } }, now)).toBe('failing');
  expect(problemOf({ ...source, origin: { ...origin, problem: 'it cannot be opened' } })).toBe('it cannot be opened');
  expect(problemOf({ ...source, origin })).toBeNull();
  expect(problemOf({ ...source, skewed: 1 })).toContain('clock runs ahead');
});
