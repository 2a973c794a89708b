import { expect, test } from 'vitest';
import { opened } from './open';

const OWNER = { name: '@harbor/fulfillment', file: 'CODEOWNERS', line: 3, reason: 'specs/orders.yaml fits /specs/' };
const REMARK = 'kong.yaml:9: service ghost (ghosts): no service ghost was observed';

const report = opened({}, {}, (results) => {
  const [first] = results.endpoints;
  if (first) first.owner = OWNER;
  results.ownership = {
    files: [{ file: 'CODEOWNERS', kind: 'CODEOWNERS', entries: 4, matched: 1, problems: [] }],
    owned: 1,
    unowned: results.endpoints.length - 1,
    remarks: [REMARK],
  };
  return results;
});
const { results } = report;

test('the inventory shows owners and narrows by them', async () => {
  const page = await report.at('/inventory');
  const table = page.getByRole('table', { name: 'Endpoints' });
  await table.getByRole('columnheader', { name: 'Owner' }).waitFor();
  await page.locator('summary', { hasText: 'Owner' }).click();
  await page.getByRole('checkbox', { name: OWNER.name }).check();
  await expect.poll(() => page.getByRole('status').textContent()).toBe(`1 of ${results.endpoints.length} endpoints`);
  await report.done(page);
});

test('an endpoint says who owns it and which line says so', async () => {
  const page = await report.at(`/endpoints/${results.endpoints[0]?.id}`);
  const text = (await page.locator('header.endpoint-head').textContent()) ?? '';
  for (const part of [OWNER.name, OWNER.reason, 'CODEOWNERS:3']) expect(text).toContain(part);
  await page.getByRole('link', { name: OWNER.name }).click();
  await expect.poll(() => page.getByRole('status').textContent()).toBe(`1 of ${results.endpoints.length} endpoints`);
  await report.done(page);
});

test('sources name the files and what they leave open', async () => {
  const page = await report.at('/sources');
  const panel = page.getByRole('region', { name: 'Owners' });
  expect(await panel.textContent()).toContain(REMARK);
  await panel.getByRole('link', { name: 'without an owner' }).click();
  const rest = `${results.endpoints.length - 1} of ${results.endpoints.length} endpoints`;
  await expect.poll(() => page.getByRole('status').textContent()).toBe(rest);
  await report.done(page);
});
