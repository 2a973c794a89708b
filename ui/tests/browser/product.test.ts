import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { withBrowser } from '../../scripts/browser';
import type { Results } from '../../src/api/results';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const binary = ['debug', 'release'].map((profile) => join(target, profile, 'vedette')).find((path) => existsSync(path));
const sample = join(root, 'samples/harbor/traffic.har.ndjson.gz');

/** `cargo xtask ci` builds the binary, after the UI, before it runs these tests. */
test.skipIf(!binary || !existsSync(sample))('the report that the binary writes opens on every page', async () => {
  const out = mkdtempSync(join(tmpdir(), 'vedette-product-'));
  execFileSync(binary ?? '', ['analyze', sample, '--out', out], { stdio: 'ignore' });
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  const results: Results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
  expect(html, 'built without the UI (hint: npm run build, then cargo build)').not.toContain('without its UI');
  const embedded: Results = JSON.parse(/id="vedette-results">([^<]*)</.exec(html)?.[1] ?? 'null');
  expect(embedded.endpoints).toEqual(results.endpoints);

  await withBrowser({}, async (context) => {
    for (const route of [
      '/',
      '/inventory',
      '/findings',
      '/abuse',
      '/compliance',
      '/actors',
      '/sources',
      `/endpoints/${results.endpoints[0]?.id}`,
    ]) {
      const page = await context.newPage();
      const heard: string[] = [];
      page.on('console', (message) => heard.push(message.text()));
      page.on('pageerror', (error) => heard.push(String(error)));
      await page.goto(`${pathToFileURL(join(out, 'report.html')).href}#${route}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.getByRole('alert').count(), route).toBe(0);
      expect(heard, route).toEqual([]);
      await page.close();
    }
  });
  rmSync(out, { recursive: true });
});
