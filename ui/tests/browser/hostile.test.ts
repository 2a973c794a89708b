import { expect, test } from 'vitest';
import { HOSTILE } from '../../fixtures/make';
import { opened } from './open';

const report = opened({ hostile: true, detections: true, partial: true });
const hostile = report.results.endpoints.find((endpoint) => endpoint.template.includes(HOSTILE));

test('hostile texts stay texts on every page', async () => {
  const routes = [
    '/',
    '/inventory?q=onerror',
    '/findings',
    '/actors',
    '/sources',
    '/incidents',
    '/abuse',
    `/endpoints/${hostile?.id}`,
  ];
  for (const route of routes) {
    const page = await report.at(route);
    expect(await page.locator('img, iframe, object, embed, svg[onload], [onerror]').count(), route).toBe(0);
    expect(await page.locator('script').count(), route).toBe(2);
    await report.done(page);
  }
});

test('a hostile endpoint is shown as it is', async () => {
  const page = await report.at(`/endpoints/${hostile?.id}`);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(HOSTILE);
  await report.done(page);
});

test('the policy refuses a script that got in anyway', async () => {
  const page = await report.at('/');
  const refused = page.waitForEvent('console', (message) => message.text().includes('Content Security Policy'));
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "owned"';
    document.body.append(script);
  });
  await refused;
  expect(await page.title()).not.toBe('owned');
  await page.close();
});

test('a partial result says so, and incidents are shown when there are some', async () => {
  const page = await report.at('/');
  expect(await page.getByText('Partial result.').count()).toBe(1);
  await page.getByRole('link', { name: /^Incidents/ }).click();
  await page.getByText('Evidence and what to do').first().click();
  await page.getByRole('article', { name: 'Reads invoices it was never given' }).waitFor();
  await report.done(page);
});
