import { expect, test } from 'vitest';
import { faintTexts } from './contrast';
import { opened } from './open';

const report = opened({ gateways: true });
const bare = opened({});

test('gateways list their routes with what is in force and who calls', async () => {
  const page = await report.at('/');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Gateways' }).click();
  await page.getByRole('heading', { level: 1, name: 'Gateways' }).waitFor();
  const table = page.getByRole('table', { name: 'Routes of edge/nginx.conf' });
  expect(await table.getByRole('row').count()).toBe(7);
  const open = table.getByRole('row', { name: /\/v1\/exports\// });
  expect(await open.textContent()).toContain('nonenonenonenone28');
  expect(await table.getByRole('row', { name: /feed/ }).textContent()).toContain('not known');
  expect(await page.getByText('Not understood:').count()).toBe(1);
  expect(await faintTexts(page, 4.5)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 800 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await report.done(page);
});

test('a finding of a configuration shows its lines and leads to its gateway', async () => {
  const page = await report.at('/findings?kind=gateway-hardening-no-authentication');
  const card = page.getByRole('article', { name: 'Route without authentication, api.harborpay.example /v1/exports/' });
  expect(await card.textContent()).toContain('2 places');
  expect(await card.getByRole('listitem').first().textContent()).toContain('conf.d/api.conf:28');
  await card.getByRole('link', { name: /exports.*edge\/nginx.conf/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Gateways' }).waitFor();
  await report.done(page);
});

test('without a configuration there is no page for gateways', async () => {
  const page = await bare.at('/');
  const pages = page.getByRole('navigation', { name: 'Pages' });
  expect(await pages.getByRole('link', { name: 'Gateways' }).count()).toBe(0);
  await bare.done(page);
});
