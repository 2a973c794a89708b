import { expect, test } from 'vitest';
import { namelessControls } from './controls';
import { opened } from './open';

const report = opened({});
const { results } = report;

test('search filters while typing and the address keeps it', async () => {
  const page = await report.at('/inventory');
  await page.getByRole('searchbox', { name: 'Search endpoints' }).fill('password reset');
  await expect.poll(() => page.getByRole('status').textContent()).toBe(`1 of ${results.endpoints.length} endpoints`);
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await page.getByRole('searchbox', { name: 'Search endpoints' }).inputValue()).toBe('password reset');
  expect(await page.getByRole('table', { name: 'Endpoints' }).getByRole('link').count()).toBe(1);
  await page.getByRole('searchbox', { name: 'Search endpoints' }).press('Escape');
  await expect.poll(() => page.getByRole('status').textContent()).toBe(`${results.endpoints.length} endpoints`);
  await report.done(page);
});

test('headers sort, the largest first, and say so', async () => {
  const page = await report.at('/inventory');
  const table = page.getByRole('table', { name: 'Endpoints' });
  const first = () => table.getByRole('link').first().getAttribute('href');
  await table.getByRole('button', { name: 'Exchanges' }).click();
  const busiest = results.endpoints.toSorted((a, b) => b.exchanges - a.exchanges);
  await expect.poll(first).toContain(busiest[0]?.id);
  expect(await table.getByRole('columnheader', { name: 'Exchanges' }).getAttribute('aria-sort')).toBe('descending');
  await table.getByRole('button', { name: 'Exchanges' }).click();
  await expect.poll(first).toContain(busiest.at(-1)?.id);
  expect(page.url()).toContain('sort=exchanges');
  await report.done(page);
});

test('menus narrow, chips widen again', async () => {
  const page = await report.at('/inventory');
  await page.locator('summary', { hasText: 'Exposure' }).click();
  await page.getByRole('checkbox', { name: 'Private' }).check();
  const hidden = results.endpoints.filter((endpoint) => endpoint.exposure === 'private').length;
  await expect.poll(() => page.getByRole('status').textContent()).toContain(`${hidden} of`);
  await page.keyboard.press('Escape');
  expect(await page.getByRole('checkbox').count()).toBe(0);
  await page.getByRole('button', { name: 'Remove filter Exposure: Private' }).click();
  await expect.poll(() => page.getByRole('status').textContent()).toBe(`${results.endpoints.length} endpoints`);
  await report.done(page);
});

test('everything is reached by keyboard', async () => {
  const page = await report.at('/inventory');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  await page.keyboard.press('/');
  await page.keyboard.type('disputes');
  await expect.poll(() => page.getByRole('status').textContent()).toContain(' of ');
  const focused = () => page.evaluate(() => document.activeElement?.className ?? '');
  for (let presses = 0; presses < 40 && (await focused()) !== 'endpoint-link'; presses++)
    await page.keyboard.press('Tab');
  expect(await focused()).toBe('endpoint-link');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /disputes/ }).waitFor();
  await report.done(page);
});

test('every control has a name', async () => {
  for (const route of [
    '/',
    '/inventory',
    '/findings',
    '/actors',
    '/sources',
    `/endpoints/${results.endpoints[0]?.id}`,
  ]) {
    const page = await report.at(route);
    const nameless = await namelessControls(page);
    expect(nameless, route).toEqual([]);
    await report.done(page);
  }
});
