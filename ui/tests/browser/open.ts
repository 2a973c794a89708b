import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Options as FixtureOptions, make } from '../../fixtures/make';
import { builtPage, splice } from '../../inline';
import { type Options, withBrowser } from '../../scripts/browser';
import type { Results } from '../../src/api/results';

export interface Opened {
  context: BrowserContext;
  results: Results;
  /** A new page at a route of the report; fails the test when the page asks the network or complains. */
  at: (route: string) => Promise<Page>;
  /** Closes a page and asserts that it was quiet. */
  done: (page: Page) => Promise<void>;
}

/** A report with the fixture's results, opened from a file by one Chromium for all tests of a file. */
export function opened(fixture: FixtureOptions, browser: Options = {}, change = (results: Results) => results): Opened {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-test-'));
  const file = join(folder, 'report.html');
  const results = change(make(fixture));
  const noise = new Map<Page, string[]>();
  let finish = () => {};
  let closed: Promise<void> = Promise.resolve();
  const self = { results } as Opened;

  beforeAll(async () => {
    writeFileSync(file, splice(builtPage(), results));
    await new Promise<void>((resolve, reject) => {
      closed = withBrowser(browser, async (context) => {
        self.context = context;
        await new Promise<void>((end) => {
          finish = end;
          resolve();
        });
      });
      closed.catch(reject);
    });
  });
  afterAll(async () => {
    finish();
    await closed;
    rmSync(folder, { recursive: true });
  });

  self.at = async (route) => {
    const page = await self.context.newPage();
    const heard: string[] = [];
    noise.set(page, heard);
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(String(error)));
    page.on('dialog', (dialog) => {
      heard.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => /^(file|data):/.test(request.url()) || heard.push(`request: ${request.url()}`));
    await page.goto(`${pathToFileURL(file).href}#${route}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
  self.done = async (page) => {
    expect(noise.get(page)).toEqual([]);
    await page.close();
  };
  return self;
}
