import { expect, test } from 'vitest';
import { ADMIN_TOKEN } from '../../fixtures/server/world';
import { login, served } from './served';

const app = served();

test('a login leads to the page that was asked for, with the second factor where there is one', async () => {
  const page = await app.visit('/findings?severity=critical');
  expect(await page.getByRole('link', { name: 'Continue with Harbor ID' }).getAttribute('href')).toBe(
    `/v1/oidc/start?return=${encodeURIComponent('/findings?severity=critical')}`,
  );
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill('wrong');
  await page.keyboard.press('Enter');
  expect(await page.getByRole('alert').textContent()).toContain('name or password is wrong');
  expect(await page.getByLabel('Code').count()).toBe(0);
  await page.getByLabel('Password').fill('ada-password');
  await page.keyboard.press('Enter');
  await page.getByLabel('Code').fill('123 456');
  expect(await page.getByRole('alert').count()).toBe(0);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Findings' }).waitFor();
  expect(page.url()).toContain('/findings?severity=critical');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Findings' }).waitFor();
  await app.done(page);
});

test('the first token can log in, to set a password', async () => {
  const page = await app.visit('/settings');
  await page.getByRole('button', { name: 'Log in with a token' }).click();
  await page.getByLabel('Token').fill('vdt_wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Token').fill(ADMIN_TOKEN);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'admin', exact: true }).waitFor();
  expect(await page.getByLabel('Current password').count()).toBe(0);
  await page.getByLabel('New password').fill('some words that do not fit');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('The password is set.').waitFor();
  await page.getByLabel('Current password').waitFor();
  await app.done(page);
});

test('whom the login provider refused is told why, and gets in otherwise', async () => {
  const page = await app.visit('/login?problem=oidc-denied');
  expect(await page.getByRole('alert').textContent()).toContain('your groups there, say no');
  await login(page, 'grace');
  await page.getByRole('heading', { level: 1, name: /You expose/ }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
  await app.done(page);
});

test('a session that ends shows the login in place, and the page again afterwards', async () => {
  const page = await app.as('grace', '/inventory?q=customers');
  app.server.world.sessions.clear();
  await page.getByRole('link', { name: /^Actors/ }).click();
  await page.getByText('Your session ended.').waitFor();
  expect(page.url()).toContain('/actors');
  expect(await page.getByRole('navigation', { name: 'Pages' }).count()).toBe(0);
  await login(page, 'grace');
  await page.getByRole('heading', { level: 1, name: 'Actors' }).waitFor();
  await app.done(page);
});

test('who logs out leaves nothing behind', async () => {
  const before = app.server.world.sessions.size;
  const page = await app.as('grace', '/hunt');
  await page.getByRole('button', { name: 'Run Ctrl ↵' }).click();
  await page.getByRole('region', { name: 'Result' }).waitFor();
  expect(await page.evaluate(() => Object.keys(localStorage))).toContain('vedette-hunts-grace');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  expect(await page.evaluate(() => Object.keys(localStorage))).not.toContain('vedette-hunts-grace');
  expect(app.server.world.sessions.size).toBe(before);
  await app.done(page);
});

test('each role finds what it may do', async () => {
  const viewer = await app.as('vera', '/findings');
  await viewer.getByText('The role viewer may not do this (it lacks the scope triage).').waitFor();
  expect(await viewer.getByRole('button', { name: 'Accept…' }).count()).toBe(0);
  await viewer.getByRole('link', { name: 'Hunt' }).click();
  await viewer.getByText('it lacks the scope hunt').waitFor();
  await viewer.goto(`${app.server.url}/settings`);
  await viewer.getByRole('navigation', { name: 'Settings' }).waitFor();
  expect(await viewer.getByRole('link', { name: 'Users' }).count()).toBe(0);
  await app.done(viewer);

  const developer = await app.as('linus', '/');
  await developer.getByRole('heading', { level: 1 }).waitFor();
  await developer.getByRole('link', { name: /^Inventory/ }).click();
  const own = app.server.world.results.endpoints.filter(({ service }) => service === 'api.harborpay.example');
  await developer.getByText(`${own.length} endpoints`, { exact: true }).waitFor();
  await developer.locator('.data .endpoint-link').first().click();
  await developer.getByRole('region', { name: 'Traffic' }).waitFor();
  expect(await developer.getByRole('link', { name: /^Actors/ }).count()).toBe(0);
  await developer.goto(`${app.server.url}/actors`);
  await developer.getByText('you see only those you own').waitFor();
  await app.done(developer);
});
