import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { judge } from '../../fixtures/server/writing';
import { served } from './served';

const app = served();
const finding = (id: string) => app.server.world.findings.find((one) => one.id === id);
const said = (page: Page) => page.getByRole('status', { name: 'Messages' });

/** The first open finding of the page, which is in its first group. */
async function first(page: Page) {
  const card = page.getByRole('article').first();
  await card.waitFor();
  const name = await card.getAttribute('aria-label');
  const known = app.server.world.findings.find((one) => `${one.title}, ${one.place}` === name);
  if (!known) throw new Error(`no finding is called ${name}`);
  return { card: page.getByRole('article', { name: name ?? '', exact: true }), id: known.id };
}

test('a risk is accepted for a reason and a time, and that can be undone', async () => {
  const page = await app.as('grace', '/findings');
  const { card, id } = await first(page);
  await card.getByRole('button', { name: 'Accept…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Accept the risk of 1 finding' });
  await dialog.getByRole('button', { name: 'Accept' }).click();
  expect(finding(id)?.triage?.state, 'a reason is needed').toBe('open');
  await dialog.getByLabel('Reason').fill('The partner needs it until May.');
  await dialog.getByLabel('30 days').check();
  await dialog.getByRole('button', { name: 'Accept' }).click();
  await expect.poll(() => finding(id)?.triage?.state).toBe('accepted');
  expect(finding(id)?.triage?.reason).toBe('The partner needs it until May.');
  const days = (Date.parse(finding(id)?.triage?.until ?? '') - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(30);
  await card.waitFor({ state: 'detached' });
  await said(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => finding(id)?.triage?.state).toBe('open');
  await card.getByText('Open', { exact: true }).waitFor();
  await app.done(page);
});

test('accepted, resolved and reopened findings can be looked at, with who and why', async () => {
  const page = await app.as('grace', '/findings');
  const reopened = app.server.world.findings.filter(({ triage }) => triage?.state === 'reopened');
  expect(reopened.length).toBeGreaterThan(0);
  const accepted = app.server.world.findings.filter(({ triage }) => triage?.state === 'accepted').length;
  await page.getByRole('button', { name: `Accepted ${accepted}` }).click();
  expect(page.url()).toContain('state=accepted');
  await page.getByText('“The partner contract needs it until their client is replaced.”').first().waitFor();
  await page.getByRole('button', { name: 'Open again' }).first().click();
  await expect.poll(() => said(page).textContent()).toContain('Opened 1 finding again.');
  await app.done(page);
});

test('many findings are judged at once, and get an owner', async () => {
  const page = await app.as('grace', '/findings?severity=low');
  const before = app.server.world.findings.filter((one) => one.triage?.owner === 'team-edge').length;
  await page.getByRole('button', { name: /^Select all/ }).click();
  const bar = page.getByRole('region', { name: 'Selected findings' });
  const many = Number((await bar.getByRole('status').textContent())?.split(' ')[0]);
  expect(many).toBeGreaterThan(3);
  await bar.getByRole('button', { name: 'Assign…' }).click();
  await page.getByLabel('Owner').fill('team-edge');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => app.server.world.findings.filter((one) => one.triage?.owner === 'team-edge').length)
    .toBe(before + many);
  await expect.poll(() => said(page).textContent()).toContain(`Gave ${many} findings to team-edge.`);
  await expect.poll(() => bar.count()).toBe(0);
  await app.done(page);
});

test('who comes second is told what the first decided, and chooses', async () => {
  const page = await app.as('grace', '/findings');
  const { card, id } = await first(page);
  await card.getByRole('button', { name: 'Resolve…' }).click();
  const known = finding(id);
  if (!known) throw new Error('it is gone');
  judge(
    known,
    { state: 'accepted', reason: 'Known since March.', until: '2027-01-01T00:00:00Z' },
    'ada',
    app.server.world,
  );
  await page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click();
  const dialog = page.getByRole('dialog', { name: '1 finding changed meanwhile' });
  expect(await dialog.textContent()).toContain('Known since March.');
  expect(finding(id)?.triage?.state).toBe('accepted');
  await dialog.getByRole('button', { name: 'Make it resolved anyway' }).click();
  await expect.poll(() => finding(id)?.triage?.state).toBe('resolved');
  await app.done(page, 412);
});

test('people talk about a finding', async () => {
  const id = [...app.server.world.comments.keys()][0] ?? '';
  const page = await app.as('grace', `/findings?state=all&kind=${finding(id)?.kind}`);
  const card = page.getByRole('article', { name: finding(id)?.place }).first();
  await card.getByRole('button', { name: 'Comments' }).click();
  await card.getByText('ticket PAY-412').waitFor();
  await card.getByRole('textbox', { name: 'New comment' }).fill('<img src=x onerror=alert(1)> is done');
  await card.getByRole('button', { name: 'Comment', exact: true }).click();
  await card.getByText('<img src=x onerror=alert(1)> is done').waitFor();
  expect(app.server.world.comments.get(id)).toHaveLength(2);
  await app.done(page);
});
