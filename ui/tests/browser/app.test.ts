import { expect, test } from 'vitest';
import { faintTexts } from './contrast';
import { namelessControls } from './controls';
import { served } from './served';

const app = served({ detections: true, hostile: true }, { dark: true });
const PAGES = [
  '/',
  '/inventory',
  '/findings',
  '/findings?state=accepted',
  '/incidents',
  '/abuse',
  '/compliance',
  '/actors',
  '/specs',
  '/sources',
  '/hunt',
  '/changes',
  '/settings',
  '/settings/tokens',
  '/settings/users',
  '/settings/server',
  '/settings/audit',
];

test('every page can be read in both themes, fits a phone, and stays text', async () => {
  const page = await app.as('ada', '/');
  const [endpoint] = app.server.world.results.endpoints;
  for (const path of [...PAGES, `/endpoints/${endpoint?.id}`]) {
    await page.goto(app.server.url + path);
    await page.locator('main h1').waitFor();
    await page.locator('.opening').waitFor({ state: 'detached' });
    for (const theme of ['Light theme', 'Dark theme']) {
      await page.getByRole('button', { name: theme }).click();
      expect(await faintTexts(page, 4.5), `${theme} ${path}`).toEqual([]);
    }
    expect(await namelessControls(page), path).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, path).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(await page.locator('main img, iframe, object, embed, svg[onload], [onerror]').count(), path).toBe(0);
  }
  await app.done(page);
});

test('the policy refuses a script and a style that got in anyway', async () => {
  const page = await app.as('ada', '/');
  const refusals: string[] = [];
  page.on('console', (message) => message.text().includes('Content Security Policy') && refusals.push(message.text()));
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "owned"';
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.body.append(script, style);
  });
  await expect.poll(() => refusals.length).toBe(2);
  expect(await page.title()).toBe('Overview · Vedette');
  expect(await page.locator('main').isVisible()).toBe(true);
  await page.close();
});

test('an endpoint opens by its address with all that is known of it', async () => {
  const endpoint = app.server.world.results.endpoints.find(({ fields }) => fields.length > 3);
  const page = await app.as('grace', `/endpoints/${endpoint?.id}`);
  for (const name of ['Parameters and fields', 'Traffic', 'Callers']) {
    await page.getByRole('region', { name, exact: true }).waitFor();
  }
  await page.goto(`${app.server.url}/endpoints/nothing`);
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await app.done(page, 404);
});

test('changes are listed by day and narrowed by kind', async () => {
  const page = await app.as('grace', '/changes');
  await page.getByText('40 changes', { exact: true }).waitFor();
  await page.locator('summary', { hasText: 'Kind' }).click();
  await page.getByRole('checkbox', { name: 'New endpoint' }).check();
  await page.getByText('8 of 40 changes', { exact: true }).waitFor();
  expect(page.url()).toContain('kind=new-endpoint');
  await app.done(page);
});
