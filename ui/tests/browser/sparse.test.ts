import { describe, expect, test } from 'vitest';
import type { Results } from '../../src/api/results';
import { opened } from './open';

/** What access logs show: no bodies, no headers, no timing. */
function asLogs(results: Results): Results {
  for (const endpoint of results.endpoints) {
    Object.assign(endpoint, {
      fields: [],
      request_schema: null,
      response_schemas: {},
      latency_ms: null,
      request_bytes: null,
      response_bytes: null,
      authentication: ['unknown'],
      authentication_details: [],
      data_classes: { request: [], response: [] },
      findings: [],
      callers: [],
      samples: [],
      template_reasons: [],
      function: null,
      version: null,
    });
    endpoint.risk = { score: 0, likelihood: 0, impact: 0, reasons: [] };
  }
  return { ...results, findings: [], actors: [], abuse_cases: [] };
}

/** What an empty file gives. */
function asNothing(results: Results): Results {
  const timeline = { start: null, bucket_secs: 0, exchanges: [], errors: [] };
  return {
    ...results,
    sources: [],
    services: [],
    endpoints: [],
    findings: [],
    actors: [],
    abuse_cases: [],
    stats: {
      exchanges: 0,
      unreadable: 0,
      bytes: 0,
      actors: 0,
      unrouted: 0,
      first_seen: null,
      last_seen: null,
      elapsed_secs: null,
      statuses: {},
      methods: {},
      anomalies: {},
      data_classes: {},
      timeline,
      hours_of_week: [],
      blind_spots: [],
    },
  };
}

describe('of access logs', () => {
  const report = opened({}, {}, asLogs);

  test('every page shows what there is', async () => {
    for (const route of [
      '/',
      '/inventory',
      '/findings',
      '/abuse',
      '/compliance',
      '/actors',
      '/sources',
      `/endpoints/${report.results.endpoints[0]?.id}`,
    ]) {
      const page = await report.at(route);
      expect(await page.getByRole('alert').count(), route).toBe(0);
      await report.done(page);
    }
  });

  test('the overview does not pretend to know', async () => {
    const page = await report.at('/');
    expect(await page.getByText('No data class was recognized').count()).toBe(1);
    expect(await page.getByRole('region', { name: 'Authentication' }).textContent()).toContain('Not visible');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('No finding needs action now');
    await report.done(page);
  });
});

describe('of nothing', () => {
  const report = opened({}, {}, asNothing);

  test('every page opens', async () => {
    for (const route of ['/', '/inventory', '/findings', '/abuse', '/compliance', '/actors', '/sources']) {
      const page = await report.at(route);
      expect(await page.getByRole('alert').count(), route).toBe(0);
      await report.done(page);
    }
  });
});

test('results that do not read are said, not shown as an empty page', async () => {
  // The page as built, before any results are in it.
  const { withBrowser } = await import('../../scripts/browser');
  await withBrowser({}, async (context) => {
    const page = await context.newPage();
    await page.goto(new URL('../../dist/index.html', import.meta.url).href);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('This page holds no results.');
  });
});
