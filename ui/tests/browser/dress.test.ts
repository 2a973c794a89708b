import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { faintTexts } from './contrast';
import { opened } from './open';

const report = opened({}, { dark: true });
const { results } = report;

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
const isDark = (color: string) => (color.match(/\d+/g) ?? []).slice(0, 3).every((part) => Number(part) < 60);

test('the theme follows the system until the reader chooses', async () => {
  const page = await report.at('/');
  expect(isDark(await background(page))).toBe(true);
  await page.getByRole('button', { name: 'Light theme' }).click();
  expect(isDark(await background(page))).toBe(false);
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(isDark(await background(page))).toBe(false);
  await page.getByRole('button', { name: 'Theme of the system' }).click();
  expect(isDark(await background(page))).toBe(true);
  await report.done(page);
});

test('paper is light, complete and without controls', async () => {
  const page = await report.at('/inventory');
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(isDark(await background(page))).toBe(false);
  expect(await page.getByRole('navigation', { name: 'Pages' }).isVisible()).toBe(false);
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  expect(await page.locator('.data tbody tr').count()).toBe(results.endpoints.length);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await expect.poll(() => page.locator('.data tbody tr').count()).toBeLessThan(results.endpoints.length);
  await report.done(page);

  const findings = await report.at('/findings');
  await findings.emulateMedia({ media: 'print' });
  await findings.evaluate(() => dispatchEvent(new Event('beforeprint')));
  const closed = await findings.locator('details.finding-group:not([open])').count();
  expect(closed).toBe(0);
  await report.done(findings);
});

test('nothing is wider than a phone', async () => {
  for (const route of [
    '/',
    '/inventory',
    '/findings',
    '/abuse',
    '/compliance',
    '/actors',
    '/sources',
    `/endpoints/${results.endpoints[0]?.id}`,
  ]) {
    const page = await report.at(route);
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, route).toBeLessThanOrEqual(0);
    await report.done(page);
  }
});

test('every text can be read in both themes', async () => {
  for (const route of [
    '/',
    '/inventory?auth=none',
    '/findings',
    '/abuse',
    '/compliance',
    '/actors',
    '/sources',
    `/endpoints/${results.endpoints[0]?.id}`,
  ]) {
    const page = await report.at(route);
    for (const theme of ['Light theme', 'Dark theme']) {
      await page.getByRole('button', { name: theme }).click();
      expect(await faintTexts(page, 4.5), `${theme} ${route}`).toEqual([]);
    }
    await page.getByRole('button', { name: 'Theme of the system' }).click();
    await report.done(page);
  }
});

test('a chart tells its numbers to the keyboard', async () => {
  const page = await report.at('/');
  const chart = page.getByRole('slider', { name: /Traffic over time/ });
  await chart.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  expect(await chart.getAttribute('aria-valuetext')).toContain('14 Sep 2026, 01:00 UTC');
  await report.done(page);
});
