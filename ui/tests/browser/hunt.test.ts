import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { served } from './served';

const app = served();
const editor = (page: Page) => page.getByRole('textbox', { name: 'SQL' });
const result = (page: Page) => page.getByRole('region', { name: 'Result' });

async function write(page: Page, sql: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(sql);
}

test('a hunt is run by the keyboard, drawn, sorted, and in the address', async () => {
  const page = await app.as('grace', '/hunt');
  await editor(page).click();
  await page.keyboard.press('Control+Enter');
  await expect
    .poll(() => result(page).getByRole('status').textContent())
    .toContain('12 rows in 184 ms, 8.8M rows read');
  await result(page).getByRole('list', { name: 'failures by endpoint' }).waitFor();
  const rows = result(page).getByRole('table', { name: 'Rows' });
  await rows.getByRole('button', { name: 'failures' }).click();
  await rows.getByRole('button', { name: 'failures' }).click();
  await expect.poll(() => rows.getByRole('row').nth(1).textContent()).toContain('1,960');
  expect(page.url()).toContain('sort=failures#sql=');
  expect(page.url().split('#')[0]).not.toContain('select');
  await page.reload();
  await expect.poll(() => editor(page).textContent()).toContain('group by endpoint');
  await app.done(page);
});

test('tables and columns complete, and Tab leaves the field', async () => {
  const page = await app.as('grace', '/hunt');
  await write(page, 'select count(*) from ');
  await page.keyboard.type('exch');
  const options = page.getByRole('option');
  await expect.poll(() => options.first().textContent()).toContain('exchanges');
  await options.first().click();
  await expect.poll(() => editor(page).textContent()).toBe('select count(*) from exchanges');
  await page.keyboard.type(' where stat');
  await expect.poll(() => options.count()).toBeGreaterThan(1);
  const first = await options.first().textContent();
  const chosen = page.getByRole('option', { selected: true });
  // A list that has only just come takes no keys, so that nobody chooses by accident.
  await expect
    .poll(async () => {
      await page.keyboard.press('ArrowDown');
      return chosen.textContent();
    })
    .not.toBe(first);
  const taken = await chosen.locator('.cm-completionLabel').textContent();
  await page.keyboard.press('Tab');
  await expect.poll(() => editor(page).textContent()).toContain(`where ${taken}`);
  await page.keyboard.type(' and cidr');
  await expect.poll(() => options.first().textContent()).toContain('cidr_contains');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Run');
  await app.done(page);
});

test('an error says where and what to try', async () => {
  const page = await app.as('grace', '/hunt');
  await write(page, 'select statsu\nfrom exchanges');
  await page.keyboard.press('Control+Enter');
  const alert = page.getByRole('alert');
  await expect.poll(() => alert.textContent()).toContain('Line 1, column 8: there is no column statsu.');
  expect(await alert.textContent()).toContain('did you mean status?');
  expect(await page.locator('.cm-lintRange-error').textContent()).toBe('statsu');
  await write(page, 'select actor from exchanges');
  await page.getByRole('button', { name: 'Run Ctrl ↵' }).click();
  await result(page).waitFor();
  expect(await alert.count()).toBe(0);
  await app.done(page, 422);
});

test('a saved hunt asks for its parameters', async () => {
  const page = await app.as('grace', '/hunt');
  await page.getByRole('searchbox', { name: 'Search hunts' }).fill('timeline');
  await page.getByRole('button', { name: 'One actor’s timeline' }).click();
  await page.getByRole('heading', { level: 1, name: 'One actor’s timeline' }).waitFor();
  await page.getByLabel('$actor').fill('a-9f3c11');
  expect(await page.getByLabel('$status_min').getAttribute('placeholder')).toBe('100');
  await page.getByRole('button', { name: 'Run Ctrl ↵' }).click();
  await result(page).getByText('/v1/invoices/1000?by=a-9f3c11').waitFor();
  expect(app.server.hunted.at(-1)).toMatchObject({ saved: 'actor-timeline', parameters: { actor: 'a-9f3c11' } });
  expect(new URL(page.url()).hash).toContain('p.actor=a-9f3c11');
  await app.done(page);
});

test('a hunt is saved, found, and removed', async () => {
  const page = await app.as('grace', '/hunt');
  await write(page, 'select actor from exchanges');
  await page.getByRole('button', { name: 'Save…' }).click();
  await page.getByLabel('Title').fill('Who was here');
  await page.keyboard.press('Enter');
  const list = page.getByRole('navigation', { name: 'Hunts' });
  await list.getByRole('button', { name: 'Who was here', exact: true }).waitFor();
  expect(app.server.world.hunts.at(-1)?.sql).toBe('select actor from exchanges');
  await list.getByRole('button', { name: 'Remove Who was here' }).click();
  await list.getByRole('button', { name: 'Remove Who was here for good' }).click();
  await expect.poll(() => list.getByRole('button', { name: 'Who was here', exact: true }).count()).toBe(0);
  await app.done(page);
});

test('ten thousand rows keep only those near the window, and copy as text', async () => {
  const page = await app.as('grace', '/hunt');
  await write(page, 'select * from exchanges limit 10000');
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => result(page).getByRole('status').textContent()).toContain('The first 10,000 rows');
  expect(await result(page).locator('tbody tr').count()).toBeLessThan(120);
  await result(page)
    .getByRole('region', { name: 'Rows, scrollable' })
    .evaluate((box) => {
      box.scrollTop = box.scrollHeight;
    });
  await result(page).locator('tr[aria-rowindex="10001"]').waitFor();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await result(page).getByRole('button', { name: 'Copy' }).click();
  await result(page).getByRole('button', { name: 'Copied 10,000' }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text.split('\n')[1]).toBe(`0\t/v1/things/0\t0\t{"nested":[0,null]}\t'=1+1`);
  await app.done(page);
});

test('typing over a selection leaves no inline style', async () => {
  const page = await app.as('grace', '/hunt');
  await editor(page).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type("select '");
  await expect.poll(() => editor(page).textContent()).toBe("select ''");
  await page.keyboard.press('Control+A');
  await page.keyboard.type('(');
  // Brackets still close around what was selected.
  await expect.poll(() => editor(page).textContent()).toBe("(select '')");
  await app.done(page);
});

test('a hunt that takes long can be cancelled', async () => {
  const page = await app.as('grace', '/hunt');
  app.server.slow = true;
  await editor(page).click();
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => app.server.asked).toContain('CANCELLED hunt');
  app.server.slow = false;
  await page.getByRole('button', { name: 'Run Ctrl ↵' }).click();
  await result(page).waitFor();
  await app.done(page);
});

test('all rows are downloaded in the format that was chosen', async () => {
  const page = await app.as('grace', '/hunt');
  await editor(page).click();
  await page.keyboard.press('Control+Enter');
  const file = page.waitForEvent('download');
  await result(page).getByRole('button', { name: 'Download Parquet' }).click();
  expect((await file).suggestedFilename()).toBe('hunt.parquet');
  await app.done(page);
});

test('time and numbers give lines, and what was run before can be recalled', async () => {
  const page = await app.as('grace', '/hunt');
  await page.getByRole('button', { name: 'Errors over time' }).click();
  await page.getByRole('button', { name: 'Run Ctrl ↵' }).click();
  await result(page).getByRole('figure', { name: 'exchanges, errors over time' }).waitFor();
  expect(await result(page).locator('.hunt-line').count()).toBe(2);
  await result(page)
    .getByRole('button', { name: /^exchanges\s*, 72 points/ })
    .click();
  expect(await result(page).locator('.hunt-line').count()).toBe(1);
  await result(page).getByRole('button', { name: 'Chart' }).click();
  expect(await result(page).locator('.hunt-line').count()).toBe(0);
  await page.getByRole('button', { name: 'Top talkers' }).click();
  await expect.poll(() => editor(page).textContent()).toContain('order by exchanges desc');
  await page.getByText('Run before').click();
  await page.getByRole('button', { name: /time_bucket/ }).click();
  await expect.poll(() => editor(page).textContent()).toContain('time_bucket');
  await app.done(page);
});
