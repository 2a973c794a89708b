import { expect, test } from 'vitest';
import { judge } from '../../fixtures/server/writing';
import { served } from './served';

const app = served();
/** Small things are asked for at most every two seconds. */
const LATER = { timeout: 15_000 };
const stats = (perSecond: number) =>
  app.server.tell('stats', { at: new Date().toISOString(), accepted: 1, rate: perSecond });

test('the overview shows what happens now, without moving', async () => {
  const page = await app.as('grace', '/');
  const now = page.getByRole('region', { name: 'Traffic now' });
  await page.getByText('Live', { exact: true }).waitFor();
  const before = await now.boundingBox();
  stats(1200);
  await now.getByText('1,200', { exact: true }).waitFor();
  stats(3400);
  await now.getByText('3,400', { exact: true }).waitFor();
  await now.getByRole('img', { name: 'Between 1,200 and 3,400 per second' }).waitFor();
  expect(await now.boundingBox()).toEqual(before);
  const changes = page.getByRole('region', { name: 'Newest changes' });
  expect(await changes.getByRole('listitem').count()).toBe(4);
  const sources = page.getByRole('region', { name: 'Sources now' });
  expect(await sources.getByRole('listitem').first().textContent()).toContain(
    'push1,869,904 exchanges · 49 min behind',
  );
  await app.done(page);
});

test('what was learned meanwhile appears by itself', async () => {
  const page = await app.as('grace', '/');
  const [first] = app.server.world.changes;
  if (!first) throw new Error('the world has no changes');
  app.server.world.changes.unshift({ ...first, number: 1000, kind: 'exposure-changed', text: 'It is public now.' });
  const shown = page.getByRole('region', { name: 'Newest changes' }).getByText('Exposure changed');
  await expect
    .poll(async () => {
      app.server.tell('concluded', {});
      return shown.count();
    }, LATER)
    .toBe(1);
  await app.done(page);
});

test('what somebody else decided appears by itself', async () => {
  const page = await app.as('grace', '/findings?state=resolved');
  const open = app.server.world.findings.find(({ triage }) => triage?.state === 'open');
  if (!open) throw new Error('nothing is open');
  judge(open, { state: 'resolved', reason: 'Gone since 4.3.' }, 'ada', app.server.world);
  // Lists are asked for at most every fifteen seconds.
  app.server.tell('finding', { id: open.id });
  await page.getByText('“Gone since 4.3.”').waitFor({ timeout: 25_000 });
  await app.done(page);
});

test('a lost feed is said, and found again', async () => {
  const page = await app.as('grace', '/');
  await page.getByText('Live', { exact: true }).waitFor();
  app.server.deaf = true;
  app.server.hangUp();
  await page.getByText('Reconnecting…').waitFor();
  await page.getByText('not up to date').waitFor();
  app.server.deaf = false;
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 40_000 });
  const quiet = [503];
  // A broken stream is an error to the browser, too.
  await page.close();
  expect(quiet).toHaveLength(1);
});

test('a new server says what to do first, until something comes', async () => {
  const { stats: now } = app.server.world.results;
  app.server.world.results.stats = { ...now, exchanges: 0 };
  const page = await app.as('ada', '/');
  await page.getByRole('heading', { level: 1, name: 'Nothing was received yet.' }).waitFor();
  expect(await page.getByText(`${app.server.url}/v1/exchanges`).count()).toBe(2);
  app.server.world.results.stats = now;
  const overview = page.getByRole('heading', { level: 1, name: /^You expose/ });
  await expect
    .poll(async () => {
      app.server.tell('concluded', {});
      return overview.count();
    }, LATER)
    .toBe(1);
  await app.done(page);
});

test('a page that failed can be tried again', async () => {
  const page = await app.as('grace', '/');
  app.server.broken = '/v1/actors';
  await page.getByRole('link', { name: /^Actors/ }).click();
  await page.getByRole('heading', { name: 'This page could not be shown' }).waitFor({ timeout: 20_000 });
  app.server.broken = '';
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('table', { name: 'Actors' }).waitFor();
  // Not quiet: React tells the console of every error that a page did not handle.
  await page.close();
});

test('a server that needs somebody says so', async () => {
  app.server.world.troubles.push('the lake does not take rows: the disk is full');
  const page = await app.as('vera', '/');
  expect(await page.getByRole('alert').textContent()).toContain('the disk is full');
  app.server.world.troubles.length = 0;
  await app.done(page);
});
