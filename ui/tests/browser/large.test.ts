import { expect, test } from 'vitest';
import { opened } from './open';

const MANY = 10_000;
const report = opened({ endpoints: MANY });

/** Rows of a window and what is kept ready around it. */
const ROWS_MAX = 80;

test('ten thousand endpoints keep only the rows near the window in the page', async () => {
  const page = await report.at('/inventory');
  const table = page.getByRole('table', { name: 'Endpoints' });
  expect(await page.getByRole('status').textContent()).toBe('10,000 endpoints');
  expect(await table.getAttribute('aria-rowcount')).toBe(String(MANY + 1));
  expect(await page.locator('.data tbody tr').count()).toBeLessThan(ROWS_MAX);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.locator(`.data tr[aria-rowindex="${MANY + 1}"]`).waitFor();
  expect(await page.locator('.data tbody tr').count()).toBeLessThan(ROWS_MAX);
  await page.getByRole('searchbox', { name: 'Search endpoints' }).fill('team-150 quotes patch');
  await expect.poll(() => page.getByRole('status').textContent()).toContain(' of 10,000');
  await report.done(page);
});

test('the other pages stay small too', async () => {
  for (const route of ['/', '/findings']) {
    const page = await report.at(route);
    expect(await page.evaluate(() => document.querySelectorAll('*').length), route).toBeLessThan(6_000);
    await report.done(page);
  }
});
