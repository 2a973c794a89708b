import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Options as FixtureOptions, make } from '../../fixtures/make';
import { type Imagined, serve } from '../../fixtures/server/serve';
import { type Options, withBrowser } from '../../scripts/browser';

export interface Served {
  server: Imagined;
  context: BrowserContext;
  /** A new page of the app, where nobody is logged in yet. */
  visit: (path: string) => Promise<Page>;
  /** A new page, logged in as one of the imagined users. */
  as: (name: string, path: string) => Promise<Page>;
  /** Closes a page and asserts that it was quiet; refusals that the test provoked are named by their status. */
  done: (page: Page, ...expected: number[]) => Promise<void>;
}

const CODES: Record<string, string> = { ada: '123456' };

/** The app with an imagined server, opened by one Chromium for all tests of a file. */
export function served(fixture: FixtureOptions = {}, browser: Options = {}): Served {
  const noise = new Map<Page, string[]>();
  let finish = () => {};
  let closed: Promise<void> = Promise.resolve();
  const self = {} as Served;

  beforeAll(async () => {
    self.server = await serve(make(fixture));
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
    await self.server.close();
  });

  self.visit = async (path) => {
    await self.context.clearCookies();
    const page = await self.context.newPage();
    const heard: string[] = [];
    noise.set(page, heard);
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(self.server.url) && !/^(data|blob):/.test(request.url())) heard.push(request.url());
    });
    await page.goto(self.server.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
  self.as = async (name, path) => {
    const page = await self.visit(path);
    await login(page, name);
    return page;
  };
  self.done = async (page, ...expected) => {
    // A browser reports every refused request as an error; who is not logged in is refused once.
    const statuses = [401, ...expected];
    const quiet = noise.get(page)?.filter((text) => !statuses.some((status) => text.includes(`status of ${status}`)));
    expect(quiet).toEqual([]);
    await page.close();
  };
  return self;
}

/** Logs in on a page that asks for it. */
export async function login(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(`${name}-password`);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  const code = CODES[name];
  if (code) {
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
  }
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  await page.locator('main h1').waitFor();
}
