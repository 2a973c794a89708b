import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { HOSTILE, make } from '../../fixtures/make';
import { splice } from '../../inline';
import { withBrowser } from '../../scripts/browser';

const page = readFileSync(fileURLToPath(new URL('../../plain.html', import.meta.url)), 'utf8');

test('the policy of the plain page allows its own script and style only', () => {
  for (const [tag, directive] of [
    ['script', 'script-src'],
    ['style', 'style-src'],
  ]) {
    const [, content = ''] = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page) ?? [];
    const hash = createHash('sha256').update(content).digest('base64');
    expect(page, `put this hash into plain.html: ${hash}`).toContain(`${directive} 'sha256-${hash}'`);
  }
});

test('the plain page shows the essentials as text', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'vedette-test-')), 'plain.html');
  const results = make({ hostile: true });
  writeFileSync(file, splice(page, results));
  await withBrowser({}, async (context) => {
    const tab = await context.newPage();
    const heard: string[] = [];
    tab.on('console', (message) => heard.push(message.text()));
    tab.on('pageerror', (error) => heard.push(String(error)));
    await tab.goto(pathToFileURL(file).href);
    expect(await tab.locator('#endpoints tbody tr').count()).toBe(results.endpoints.length);
    expect(await tab.locator('#findings tbody tr').count()).toBe(results.findings.length);
    expect(await tab.locator('#endpoints').textContent()).toContain(HOSTILE);
    expect(await tab.locator('img').count()).toBe(0);
    expect(heard).toEqual([]);
  });
});
