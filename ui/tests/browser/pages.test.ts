import { expect, test } from 'vitest';
import { count, plural } from '../../src/format';
import { opened } from './open';

const report = opened({});
const { results } = report;
const api = results.endpoints.filter((endpoint) => !['page', 'static'].includes(endpoint.kind));

test('the overview says what is exposed, and each number leads to its list', async () => {
  const page = await report.at('/');
  const title = page.getByRole('heading', { level: 1 });
  await expect
    .poll(() => title.textContent())
    .toContain(`${plural(api.length, 'API endpoint')} in ${results.services.length} services`);
  for (const name of [
    'Fix these first',
    'Risk',
    'Traffic',
    'Data in motion',
    'Authentication',
    'Services',
    'Week',
    'Blind spots',
    'Sources',
  ]) {
    expect(await page.getByRole('region', { name, exact: true }).count(), name).toBe(1);
  }
  expect(await page.getByRole('list', { name: 'Key numbers' }).textContent()).toContain(
    `${results.findings.length}Findings`,
  );
  expect(await page.getByText(results.findings[0]?.fix ?? '').count()).toBe(1);
  expect(await page.getByText('127 unreadable').count()).toBe(1);
  await title.getByRole('link', { name: 'API endpoints' }).click();
  await page.getByRole('heading', { name: 'Inventory' }).waitFor();
  expect(await page.getByRole('status').textContent()).toBe(
    `${count(api.length)} of ${results.endpoints.length} endpoints`,
  );
  await report.done(page);
});

test('the matrix leads to the endpoints that return a class in a service', async () => {
  const page = await report.at('/');
  const cell = page.getByRole('link', { name: /^Payment card in responses of api\.harborpay\.example/ });
  const number = await cell.textContent();
  await cell.click();
  await page.getByRole('heading', { name: 'Inventory' }).waitFor();
  expect(await page.getByRole('status').textContent()).toContain(`${number} of`);
  await report.done(page);
});

test('an endpoint opens from a click and by its address, and shows why', async () => {
  const page = await report.at('/inventory?q=get+%2Fv1%2Fcustomers');
  await page.getByRole('link', { name: /\/v1\/customers\/\{customerId\} api/ }).click();
  const endpoint = results.endpoints.find(
    (one) => one.method === 'GET' && one.template === '/v1/customers/{customerId}',
  );
  if (!endpoint) throw new Error('the fixture has no such endpoint');
  await page.getByRole('heading', { level: 1, name: 'GET /v1/customers/{customerId}' }).waitFor();
  const url = page.url();
  expect(url).toContain(`#/endpoints/${endpoint.id}`);
  await report.done(page);

  const direct = await report.at(`/endpoints/${endpoint.id}`);
  const why = direct.getByRole('list', { name: 'Reasons of the risk score' });
  for (const reason of endpoint.risk.reasons) expect(await why.textContent()).toContain(reason.text);
  for (const name of [
    'Authentication',
    'Traffic',
    'Statuses',
    'Time and size',
    'Path template',
    'Parameters and fields',
    'Body schemas',
    'Callers',
    'Samples',
  ]) {
    expect(await direct.getByRole('region', { name, exact: true }).count(), name).toBe(1);
  }
  expect(await direct.getByRole('article', { name: /Sensitive data without a credential/ }).textContent()).toContain(
    'x****@x******.xxx',
  );
  expect(await direct.getByText('{customerId}').count()).toBeGreaterThan(1);
  await direct.getByRole('button', { name: 'Response 404' }).click();
  expect(await direct.getByRole('list', { name: 'Response 404 schema' }).textContent()).toContain('code');
  await report.done(direct);
});

test('findings are grouped, filtered by severity and OWASP, and explained', async () => {
  const page = await report.at('/findings');
  const critical = results.findings.filter((finding) => finding.severity === 'critical');
  await page.getByRole('button', { name: /critical/i }).click();
  await expect
    .poll(() => page.getByRole('status').textContent())
    .toBe(`${critical.length} of ${results.findings.length} findings`);
  expect(page.url()).toContain('severity=critical');
  await page.goto(page.url().replace(/#.*/, '#/findings?owasp=API9:2023'));
  await expect.poll(() => page.getByRole('status').textContent()).toContain(' of ');
  const group = page.locator('details.finding-group');
  expect(await group.count()).toBe(1);
  expect(await group.textContent()).toContain('What to do.');
  expect(await group.textContent()).toContain('CWE-1059');
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect.poll(() => page.getByRole('status').textContent()).toBe(`${results.findings.length} findings`);
  await report.done(page);
});

test('actors are searched and sources explained', async () => {
  const page = await report.at('/actors');
  const value = results.actors[3]?.identifiers[0]?.value ?? '';
  await page.getByRole('searchbox', { name: 'Search actors' }).fill(value);
  await expect.poll(() => page.getByRole('row').count()).toBeLessThan(5);
  await page.getByRole('link', { name: /^Sources/ }).click();
  const source = page.getByRole('region', { name: '/var/log/nginx/access.log', exact: true });
  expect(await source.textContent()).toContain(results.sources[0]?.format_reason ?? '-');
  expect(
    await source.getByRole('table', { name: 'The first unreadable records, masked' }).getByRole('row').count(),
  ).toBe(4);
  expect(await page.getByText('permission denied').count()).toBe(1);
  await report.done(page);
});

test('a poor source says what is lost, what it is blind to and which lines would help', async () => {
  const page = await report.at('/sources');
  const source = page.getByRole('region', { name: '/var/log/nginx/access.log', exact: true });
  expect(await source.getByText('49 of 100').count()).toBe(1);
  expect(await source.getByRole('cell', { name: 'Users or credentials' }).isVisible()).toBe(true);
  await source.getByText('Blind to 5 kinds of findings and 4 kinds of detections').click();
  expect(await source.getByText('Secret in response').isVisible()).toBe(true);
  await source.getByText('Lines for nginx', { exact: true }).first().click();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await source.getByRole('button', { name: 'Copy Lines for nginx' }).click();
  await expect.poll(() => source.getByRole('status').textContent()).toBe('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(results.log_snippets?.[0]?.text);
  await report.done(page);
});

test('each requirement leads to the findings that violate it', async () => {
  const page = await report.at('/compliance');
  const pci = page.getByRole('region', { name: 'PCI DSS 4.0.1' });
  const row = pci.getByRole('row', { name: /6\.2\.4/ });
  expect(await row.textContent()).toContain('Violated');
  const requirement = results.compliance?.[0]?.requirements[0];
  await row.getByRole('link', { name: plural(requirement?.findings.length ?? 0, 'finding') }).click();
  await page.getByRole('heading', { level: 1, name: 'Findings' }).waitFor();
  expect(page.url()).toContain('requirement=pci-dss%2F6.2.4');
  expect(await page.getByRole('status').textContent()).toContain(`${requirement?.findings.length} of`);
  await report.done(page);
});

test('incidents have no page when there are none, and an unknown address says so', async () => {
  const page = await report.at('/nowhere');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('There is no such page');
  expect(await page.getByRole('link', { name: 'Incidents' }).count()).toBe(0);
  await report.done(page);
});
