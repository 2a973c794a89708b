import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Options {
  width?: number;
  height?: number;
  dark?: boolean;
  scale?: number;
}

/** A headless Chromium with a profile of its own, that is gone afterwards. `CHROMIUM` names another binary. */
export async function withBrowser<T>(options: Options, use: (context: BrowserContext) => Promise<T>): Promise<T> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(`no Chromium at ${executablePath} (hint: apt-get install chromium, or set CHROMIUM)`);
  }
  const profile = mkdtempSync(join(tmpdir(), 'vedette-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ARGS,
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    deviceScaleFactor: options.scale ?? 1,
  });
  try {
    return await use(context);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
