import { expect, test } from 'vitest';
import type { Results } from '../../src/api/results';
import { opened } from './open';

/** The fixture, compared with a specification that declares one of its endpoints and another operation. */
function compared(results: Results): Results {
  const [first, second] = results.endpoints.filter((endpoint) => endpoint.kind === 'api');
  const [service] = results.services;
  if (!first || !second || !service) throw new Error('the fixture has no endpoint or service');
  const evidence = { source: 0, exchange: 17, location: 'request.query.page', excerpt: 'two' };
  first.operation = {
    spec: 'specs/shop.yaml',
    line: 12,
    pointer: '/paths/~1orders/get',
    id: 'listOrders',
    deprecated: false,
    checked: 8,
    conforming: 0.75,
    violations: [
      {
        kind: 'invalid-parameter',
        place: 'request.query.page',
        text: 'integer expected, string found',
        share: 0.25,
        evidence: [evidence],
      },
    ],
  };
  service.orphans = [{ spec: 'specs/shop.yaml', line: 40, method: 'DELETE', path: '/attic/{id}', deprecated: true }];
  const [finding] = results.findings;
  if (finding) results.findings.push({ ...finding, id: 'shadow', kind: 'shadow-endpoint', endpoint: second.id });
  return {
    ...results,
    specs: [
      {
        file: 'specs/shop.yaml',
        dialect: 'OpenAPI 3.1.0',
        title: 'Shop',
        version: '2',
        services: [service.name],
        operations: 2,
        observed: 1,
        conforming: 0.75,
        problems: [],
      },
    ],
  };
}

const report = opened({}, {}, compared);

test('specifications show what differs, what is undeclared and what is unused', async () => {
  const page = await report.at('/');
  await page.getByRole('link', { name: 'Specifications' }).click();
  await page.getByRole('heading', { level: 1, name: 'Specifications' }).waitFor();
  expect(await page.getByRole('region', { name: 'specs/shop.yaml' }).textContent()).toContain('75% of the exchanges');
  const regions = [
    ['Differs from its declaration (1)', 'integer expected, string found'],
    ['Called and not declared (1)', '/'],
    ['Declared and never called (1)', 'deprecated · specs/shop.yaml:40'],
  ] as const;
  for (const [name, text] of regions) {
    expect(await page.getByRole('region', { name, exact: true }).textContent(), name).toContain(text);
  }
  await report.done(page);
});

test('an endpoint shows its declaration with the exchanges that differ', async () => {
  const endpoint = report.results.endpoints.find((one) => one.operation);
  const page = await report.at(`/endpoints/${endpoint?.id}`);
  const panel = page.getByRole('region', { name: 'Declaration', exact: true });
  const text = await panel.textContent();
  for (const part of [
    'shop.yaml:12',
    'listOrders',
    '8 exchanges compared',
    '75% conform',
    'Invalid parameter',
    '#17',
  ]) {
    expect(text).toContain(part);
  }
  await report.done(page);
});
