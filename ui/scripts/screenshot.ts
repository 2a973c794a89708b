import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { make } from '../fixtures/make';
import { builtPage, splice } from '../inline';
import { type Options, withBrowser } from './browser';

interface Shot extends Options {
  name: string;
  route: string;
  /** The whole page instead of the window. */
  full?: boolean;
  pdf?: boolean;
}

/** The pictures of the README and of the documentation. */
const DOCUMENTED: Shot[] = [
  { name: 'report', route: '/', height: 1000 },
  { name: 'report-dark', route: '/', height: 1000, dark: true },
  { name: 'inventory', route: '/inventory' },
  { name: 'endpoint', route: 'FIRST', height: 1100 },
];

/** Every page in every dress, to look at while working on it. */
const ALL: Shot[] = [
  '/',
  '/inventory',
  'FIRST',
  '/findings',
  '/gateways',
  '/compliance',
  '/actors',
  '/sources',
  '/incidents',
  '/abuse',
].flatMap((route) => {
  const name = route === 'FIRST' ? 'endpoint' : route.slice(1) || 'overview';
  return [
    { name: `${name}-light`, route, full: true },
    { name: `${name}-dark`, route, full: true, dark: true },
    { name: `${name}-narrow`, route, full: true, width: 400, height: 850 },
    { name: `${name}-print`, route, pdf: true },
  ];
});

/** `screenshot [REPORT.html] [OUT_DIR] [all]`: without a report, one is made from the fixture. */
export async function run(args: string[]): Promise<void> {
  const shots = args.includes('all') ? ALL : DOCUMENTED;
  const [given, out = '../docs/img'] = args.filter((arg) => arg !== 'all');
  const report = given && given !== '-' ? resolve(given) : fromFixture();
  mkdirSync(out, { recursive: true });
  for (const shot of shots) {
    await withBrowser({ ...shot, scale: shot.pdf ? 1 : 1.5 }, async (context) => {
      const page = await context.newPage();
      const url = pathToFileURL(report).href;
      await page.goto(`${url}#/inventory`);
      const first = await page.locator('.data .endpoint-link').first().getAttribute('href');
      await page.goto(`${url}#${shot.route === 'FIRST' ? first?.replace(/^.*#/, '') : shot.route}`);
      await page.locator('h1').waitFor();
      if (shot.pdf) await page.pdf({ path: join(out, `${shot.name}.pdf`), format: 'A4', printBackground: true });
      else await page.screenshot({ path: join(out, `${shot.name}.png`), fullPage: shot.full ?? false });
    });
  }
}

function fromFixture(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'vedette-report-')), 'report.html');
  writeFileSync(
    file,
    splice(builtPage(), make({ detections: process.argv.includes('all'), gateways: process.argv.includes('all') })),
  );
  return file;
}
