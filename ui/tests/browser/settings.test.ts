import { expect, test } from 'vitest';
import { served } from './served';

const app = served();

test('a token is made, shown once, and revoked', async () => {
  const page = await app.as('grace', '/settings/tokens');
  await page.getByRole('button', { name: 'New token…' }).click();
  const dialog = page.getByRole('dialog', { name: 'New API token' });
  await dialog.getByLabel('Name').fill('envoy');
  expect(await dialog.getByRole('checkbox', { name: /^admin/ }).isDisabled()).toBe(true);
  await dialog.getByRole('checkbox', { name: /^read/ }).check();
  await dialog.getByLabel('30 days').check();
  await dialog.getByRole('button', { name: 'Make token' }).click();
  await page.getByText(/^vdt_x+$/).waitFor();
  const [made] = app.server.world.tokens;
  expect(made?.scopes).toEqual(['read']);
  expect(Math.round((Date.parse(made?.expires_at ?? '') - Date.now()) / 86_400_000)).toBe(30);
  await page.reload();
  await page.getByRole('cell', { name: 'read', exact: true }).first().waitFor();
  expect(await page.getByText(/^vdt_x+$/).count()).toBe(0);
  await page.getByRole('button', { name: 'Revoke envoy' }).click();
  await page.getByRole('button', { name: 'Revoke for good envoy' }).click();
  await expect.poll(() => app.server.world.tokens.some(({ name }) => name === 'envoy')).toBe(false);
  await app.done(page);
});

test('a second factor is set up with its recovery codes, and removed', async () => {
  const page = await app.as('grace', '/settings');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('img', { name: 'QR code for the authenticator' }).waitFor();
  await page.getByText('JBSWY3DPEHPK3PXP').waitFor();
  await page.getByLabel('The code that it shows').fill('111111');
  await page.keyboard.press('Enter');
  expect(await page.getByRole('alert').textContent()).toContain('the code is wrong');
  await page.getByLabel('The code that it shows').fill('654 321');
  await page.keyboard.press('Enter');
  await page.getByText('aaaa-bbbb').waitFor();
  await page.getByText('Turn it off…').click();
  await page.getByLabel('A current code, to turn it off').fill('654321');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Set up' }).waitFor();
  await app.done(page, 422);
});

test('an administrator makes a developer of some services, changes and removes them', async () => {
  const page = await app.as('ada', '/settings/users');
  await page.getByRole('button', { name: 'New user…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('margaret');
  await dialog.getByLabel('Password').fill('twelve characters');
  await dialog.getByRole('radio', { name: /^developer/ }).check();
  await dialog.getByRole('checkbox', { name: 'ledger.internal' }).check();
  await dialog.getByRole('button', { name: 'Make user' }).click();
  const row = page.getByRole('row', { name: /margaret/ });
  expect(await row.textContent()).toContain('ledger.internal');
  await row.getByRole('button', { name: 'Change margaret' }).click();
  await dialog.getByRole('checkbox', { name: 'May not log in' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row.getByText('disabled').waitFor();
  await row.getByRole('button', { name: 'Change margaret' }).click();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await dialog.getByRole('button', { name: 'Remove margaret for good' }).click();
  await expect.poll(() => row.count()).toBe(0);
  await app.done(page);
});

test('the audit log is read in pages, and verified', async () => {
  const page = await app.as('ada', '/settings/audit');
  const table = page.getByRole('table', { name: 'Audit log' });
  await table.getByText('state accepted, version 3').first().waitFor();
  expect(await table.getByRole('row').count()).toBe(101);
  await page.getByRole('button', { name: 'Older' }).click();
  await page.getByRole('button', { name: 'Older' }).click();
  await expect.poll(() => table.getByRole('row').count()).toBe(31);
  expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Newer' }).click();
  await expect.poll(() => table.getByRole('row').count()).toBe(101);
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText('230 entries, nothing changed or cut off').waitFor();
  await app.done(page);
});

test('a specification is uploaded, compared, replaced and removed', async () => {
  const page = await app.as('ada', '/specs');
  const file = { name: 'shop.yaml', mimeType: 'application/yaml', buffer: Buffer.from('openapi: 3.1.0') };
  await page.getByLabel('Upload specifications…').setInputFiles(file);
  const panel = page.getByRole('region', { name: 'shop.yaml' });
  await panel.getByText('Calls without a credential succeed').waitFor();
  expect(await panel.getByRole('listitem').first().textContent()).toContain('Security');
  await panel.getByLabel('New version… of shop.yaml').setInputFiles(file);
  await panel.getByText('Version 2').waitFor();
  await panel.getByRole('button', { name: 'Remove shop.yaml' }).click();
  await panel.getByRole('button', { name: 'Remove for good shop.yaml' }).click();
  await expect.poll(() => panel.count()).toBe(0);
  await app.done(page);
});

test('a setting of the server is changed within its bounds', async () => {
  const page = await app.as('ada', '/settings/server');
  const field = page.getByLabel('Retention days');
  await field.fill('0');
  await page.keyboard.press('Enter');
  expect(app.server.world.settings[0]?.value).toBe(30);
  await field.fill('90');
  await page.keyboard.press('Enter');
  await page.getByText('30 as it comes. Set by ada').waitFor();
  expect(app.server.world.settings[0]?.value).toBe(90);
  await app.done(page);
});
