import { expect, test } from 'vitest';
import { served } from './served';

const MANY = 10_000;
const app = served({ endpoints: MANY });

/** From a click to the list, with a browser beside other work on two cores. */
const QUICK_MS = 6_000;

test('ten thousand endpoints of a server are there quickly, and once', async () => {
  const page = await app.as('grace', '/changes');
  const asked = app.server.asked.length;
  const started = Date.now();
  await page.getByRole('link', { name: /^Inventory/ }).click();
  await page.getByText('10,000 endpoints', { exact: true }).waitFor();
  expect(Date.now() - started).toBeLessThan(QUICK_MS);
  expect(await page.locator('.data tbody tr').count()).toBeLessThan(80);
  await page.getByRole('searchbox', { name: 'Search endpoints' }).fill('team-150 quotes patch');
  await page.getByText(' of 10,000 endpoints').waitFor();
  const pages = app.server.asked.slice(asked).filter((what) => what === 'GET /v1/endpoints');
  expect(pages).toHaveLength(MANY / 1000);
  await app.done(page);
});

test('the overview of ten thousand endpoints is there quickly, and small', async () => {
  const page = await app.as('grace', '/changes');
  const started = Date.now();
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('region', { name: 'Data in motion' }).waitFor();
  expect(Date.now() - started).toBeLessThan(QUICK_MS);
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(6_000);
  await app.done(page);
});
