import { expect, test } from 'vitest';
import { opened } from './open';

const report = opened({});

test('the inventory narrows to a kind in words', async () => {
  const page = await report.at('/inventory');
  await page.locator('summary', { hasText: 'Kind' }).click();
  await page.getByRole('checkbox', { name: 'GraphQL' }).check();
  await expect.poll(() => page.getByRole('status').textContent()).toContain('1 of');
  const link = page.getByRole('table', { name: 'Endpoints' }).getByRole('link');
  expect(await link.first().textContent()).toContain('/graphql#mutation.checkout');
  await report.done(page);
});

test('an operation behind a path tells its carrier, sizes and failures', async () => {
  const page = await report.at('/endpoints/5eed000000000001');
  await page.getByRole('heading', { level: 1, name: 'POST /graphql#mutation.checkout' }).waitFor();
  const facts = page.getByRole('region', { name: 'GraphQL', exact: true });
  const told = await facts.textContent();
  for (const text of ['mutation.checkout, carried by POST /graphql', 'Levels of fields', 'Aliases', '41 calls named']) {
    expect(told).toContain(text);
  }
  expect(await page.getByRole('list', { name: 'Failures' }).textContent()).toContain('FORBIDDEN');
  await report.done(page);
});

test('a tool shows when its declaration changed, a model its tokens', async () => {
  const page = await report.at('/endpoints/5eed000000000002');
  const declaration = page.getByRole('region', { name: 'Declaration' });
  await declaration.waitFor();
  expect(await declaration.textContent()).toContain('description, input schema');
  await report.done(page);

  const model = await report.at('/endpoints/5eed000000000003');
  const facts = model.getByRole('region', { name: 'Language model' });
  await facts.waitFor();
  expect(await facts.textContent()).toContain('Tokens written');
  expect(await model.getByRole('list', { name: 'Tools offered' }).textContent()).toContain('refund');
  await report.done(model);
});
