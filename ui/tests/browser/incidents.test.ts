import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { decide } from '../../fixtures/server/writing';
import { served } from './served';

const app = served({ detections: true });
const incident = (title: string) => app.server.world.incidents.find((one) => one.title === title);
const said = (page: Page) => page.getByRole('status', { name: 'Messages' });
const WALKS = 'One user walks the invoices of others';

test('an incident is closed for a reason with a verdict, and that can be undone', async () => {
  const page = await app.as('grace', '/incidents');
  const panel = page.getByRole('region', { name: WALKS });
  await panel.getByRole('button', { name: 'Close…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Close the incident' });
  await dialog.getByLabel('It was a false alarm').check();
  await dialog.getByText('These kinds are not told of this actor again').waitFor();
  await dialog.getByRole('button', { name: 'Close it' }).click();
  expect(incident(WALKS)?.triage?.state, 'a reason is needed').toBe('open');
  await dialog.getByLabel('Reason').fill('An auditor with a mandate.');
  await dialog.getByRole('button', { name: 'Close it' }).click();
  await expect.poll(() => incident(WALKS)?.triage?.state).toBe('closed');
  expect(incident(WALKS)?.triage).toMatchObject({ verdict: 'false', reason: 'An auditor with a mandate.' });
  await panel.waitFor({ state: 'detached' });
  await said(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => incident(WALKS)?.triage?.state).toBe('open');
  await panel.getByText('Open', { exact: true }).waitFor();
  await app.done(page);
});

test('closed incidents can be looked at when nothing of them is told any more, and opened again', async () => {
  const page = await app.as('grace', '/incidents');
  await page.getByRole('button', { name: 'Closed 1' }).click();
  expect(page.url()).toContain('state=closed');
  const panel = page.getByRole('region', { name: 'Looks for what is not there: 198.51.100.77' });
  await panel.getByText('Closed: expected').waitFor();
  await panel.getByText('“Our own yearly test, until the end of the month.”').waitFor();
  await panel.getByText('Nothing of it is told any more.').waitFor();
  await panel.getByRole('button', { name: 'Open again' }).click();
  await expect.poll(() => said(page).textContent()).toContain('Opened it again.');
  await said(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => app.server.world.incidents.at(-1)?.triage?.verdict).toBe('expected');
  await app.done(page);
});

test('an incident gets an owner, and people talk about it', async () => {
  const page = await app.as('grace', '/incidents');
  const panel = page.getByRole('region', { name: WALKS });
  await panel.getByRole('button', { name: 'Assign…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take it myself' }).click();
  await panel.getByText('Owner grace').waitFor();
  await panel.getByRole('button', { name: 'Comments' }).click();
  await panel.getByRole('textbox', { name: 'New comment' }).fill('<img src=x onerror=alert(1)> asked them');
  await panel.getByRole('button', { name: 'Comment', exact: true }).click();
  await panel.getByText('<img src=x onerror=alert(1)> asked them').waitFor();
  await app.done(page);
});

test('who comes second is told, and sees what the first decided', async () => {
  const page = await app.as('grace', '/incidents');
  const known = incident(WALKS);
  if (!known) throw new Error('it is gone');
  const panel = page.getByRole('region', { name: WALKS });
  await panel.getByRole('button', { name: 'Close…' }).click();
  decide(known, { state: 'closed', verdict: 'true', reason: 'Blocked.' }, 'ada');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Mine.');
  await dialog.getByRole('button', { name: 'Close it' }).click();
  await expect.poll(() => said(page).textContent()).toContain('ada decided about it meanwhile');
  expect(incident(WALKS)?.triage?.reason).toBe('Blocked.');
  await panel.waitFor({ state: 'detached' });
  decide(known, { state: 'open' }, 'ada');
  await app.done(page, 412);
});

test('an actor is suspended for a reason and a time', async () => {
  const page = await app.as('grace', '/actors?sort=-state');
  const before = app.server.world.actors.filter((one) => one.triage?.state).map((one) => one.id);
  await page.getByRole('button', { name: /^Allowed: decide about/ }).waitFor();
  await page
    .getByRole('button', { name: /^Nothing decided: decide about/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Decide about an actor' });
  await dialog.getByLabel('Suspended').check();
  await dialog.getByText('Vedette blocks nobody by it').waitFor();
  await dialog.getByLabel('7 days').check();
  await dialog.getByLabel('Reason').fill('Until its owner answered.');
  await dialog.getByRole('button', { name: 'Decide' }).click();
  await page.getByRole('button', { name: /^Suspended: decide about/ }).waitFor();
  const judged = app.server.world.actors.find((one) => one.triage?.state && !before.includes(one.id));
  expect(judged?.triage).toMatchObject({ state: 'suspended', reason: 'Until its owner answered.' });
  expect(Math.round((Date.parse(judged?.triage?.until ?? '') - Date.now()) / 86_400_000)).toBe(7);
  await said(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => judged?.triage?.state).toBe(null);
  await app.done(page);
});

test('who may only read sees what was decided, without a way to change it', async () => {
  const page = await app.as('vera', '/incidents?state=all');
  await page.getByText('Closed: expected').waitFor();
  expect(await page.getByRole('button', { name: 'Close…' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Open again' }).count()).toBe(0);
  await app.done(page);
});
