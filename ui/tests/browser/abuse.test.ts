import { describe, expect, test } from 'vitest';
import { HOSTILE } from '../../fixtures/make';
import { faintTexts } from './contrast';
import { namelessControls } from './controls';
import { opened } from './open';

describe('with a detection', () => {
  const report = opened({ detections: true }, { dark: true });
  const { results } = report;
  const invoices = results.abuse_cases?.find((one) => one.function === 'invoice' && one.detections > 0);

  test('a business function says who uses it, what could be lost, who watches and what nobody watches', async () => {
    const page = await report.at('/');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Abuse cases' }).click();
    await page.getByRole('heading', { level: 1, name: 'Abuse cases' }).waitFor();
    const list = page.getByRole('navigation', { name: 'Business functions, worst first' });
    expect(await list.getByRole('link').count()).toBe(results.abuse_cases?.length);
    expect(await list.getByRole('link').first().textContent()).toContain('1 detection');

    await list.getByRole('link', { name: /^Invoices.*1 detection/ }).click();
    await page.getByRole('heading', { level: 2, name: 'Invoices' }).waitFor();
    const region = (name: string) => page.getByRole('region', { name, exact: true });
    expect(await region('What could be lost').textContent()).toContain('the largest amount seen is 98400');
    expect(await region('If compromised').textContent()).toContain('A client’s key');
    expect(await region('Who uses it').textContent()).toContain('9 users, 4 clients and 3 addresses');
    expect(await region('Watched by').textContent()).toContain('BOLA 1 detection');
    expect(await region('Not watched').textContent()).toContain('These endpoints show no response bodies.');
    expect(await region('Not watched').textContent()).toContain('Parameter tampering');
    expect(await page.getByRole('list', { name: 'Endpoints, riskiest first' }).getByRole('listitem').count()).toBe(
      invoices?.endpoints.length,
    );

    await region('Watched by').getByRole('link', { name: 'One user walks the invoices of others' }).click();
    await page.getByRole('heading', { level: 1, name: 'Incidents' }).waitFor();
    expect(page.url()).toContain('#/incidents#incident-detection-1');
    await page.goBack();
    await page.getByRole('list', { name: 'Endpoints, riskiest first' }).getByRole('link').first().click();
    await page.getByRole('heading', { level: 1, name: invoices?.endpoints[0]?.template ?? '' }).waitFor();
    await report.done(page);
  });

  test('another function opens from the list, and by its address', async () => {
    const page = await report.at('/abuse');
    await page
      .getByRole('link', { name: /^Login/ })
      .first()
      .click();
    await page.getByRole('heading', { level: 2, name: 'Login' }).waitFor();
    expect(page.url()).toContain('#/abuse?case=abuse-');
    await page.reload();
    await page.getByRole('heading', { level: 2, name: 'Login' }).waitFor();
    await report.done(page);
  });

  test('it can be read in both themes, and on a phone one after the other', async () => {
    const page = await report.at('/abuse');
    for (const theme of ['Light theme', 'Dark theme']) {
      await page.getByRole('button', { name: theme }).click();
      expect(await faintTexts(page, 4.5), theme).toEqual([]);
    }
    expect(await namelessControls(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await wide()).toBeLessThanOrEqual(0);
    expect(await page.getByRole('region', { name: 'Not watched' }).isVisible()).toBe(false);
    await page
      .getByRole('link', { name: /^Login/ })
      .first()
      .click();
    await page.getByRole('region', { name: 'Not watched' }).waitFor();
    expect(await wide()).toBeLessThanOrEqual(0);
    await page.getByRole('link', { name: 'All business functions' }).click();
    await page.getByRole('navigation', { name: 'Business functions, worst first' }).waitFor();
    await report.done(page);
  });

  test('paper shows every function', async () => {
    const page = await report.at('/abuse');
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.getByRole('region', { name: 'Not watched' }).count()).toBe(results.abuse_cases?.length);
    await report.done(page);
  });
});

describe('hostile', () => {
  const report = opened({ hostile: true, detections: true });

  test('hostile texts stay texts', async () => {
    const page = await report.at('/abuse');
    expect(await page.locator('img, iframe, object, embed, svg[onload], [onerror]').count()).toBe(0);
    expect(await page.getByRole('heading', { level: 2, name: HOSTILE }).count()).toBe(1);
    await report.done(page);
  });
});

describe('of results without abuse cases', () => {
  const report = opened({}, {}, ({ abuse_cases: _, ...rest }) => rest);

  test('the page says so', async () => {
    const page = await report.at('/abuse');
    expect(await page.getByText('No business function was recognized').count()).toBe(1);
    await report.done(page);
  });
});
