import { expect, test } from 'vitest';
import { make } from '../../fixtures/make';
import { index } from '../../src/api/report';
import { FACETS, NOBODY, narrow, tally } from '../../src/facets';
import { inventorySearch, parseSearch, stringifySearch } from '../../src/search';

const report = index(make());

test('no filter shows everything in its order', () => {
  expect(narrow(report, {}, '')).toEqual(report.endpoints);
});

test('values of one facet add up, facets narrow each other', () => {
  const get = narrow(report, { method: ['GET'] }, '').length;
  const post = narrow(report, { method: ['POST'] }, '').length;
  expect(narrow(report, { method: ['GET', 'POST'] }, '')).toHaveLength(get + post);
  expect(narrow(report, { method: ['GET'], kind: ['static'] }, '').every((e) => e.kind === 'static')).toBe(true);
});

test('all words of a query must occur, in any order', () => {
  const found = narrow(report, {}, 'CUSTOMERS get');
  expect(found.length).toBeGreaterThan(0);
  expect(found.every((e) => e.method === 'GET' && e.template.includes('customers'))).toBe(true);
});

test('a side of a class is narrower than the class', () => {
  const both = narrow(report, { class: ['email'] }, '').length;
  const returned = narrow(report, { class: ['response:email'] }, '');
  expect(returned.length).toBeLessThanOrEqual(both);
  expect(returned.every((e) => e.data_classes.response.includes('email'))).toBe(true);
});

test('a menu counts what choosing would show and keeps what is chosen', () => {
  for (const facet of FACETS) {
    for (const [value, count] of tally(report, facet, {}, '')) {
      expect(narrow(report, { [facet.key]: [value] }, '')).toHaveLength(count);
    }
  }
  const [service] = FACETS;
  expect(service && tally(report, service, { service: ['gone'] }, '')).toContainEqual(['gone', 0]);
});

test('owners narrow, and nobody is one of them', () => {
  const results = make();
  const [first] = results.endpoints;
  if (first) first.owner = { name: '@harbor/fulfillment', file: 'CODEOWNERS', line: 3, reason: 'orders' };
  const owned = index(results);
  expect(narrow(owned, { owner: ['@harbor/fulfillment'] }, '')).toEqual([first]);
  expect(narrow(owned, { owner: [NOBODY] }, '')).toHaveLength(owned.endpoints.length - 1);
  expect(narrow(owned, {}, 'harbor/fulfillment')).toEqual([first]);
});

test('the URL keeps a view, and what is not a view is dropped', () => {
  const view = { q: 'a b&c', auth: ['none', 'jwt'], class: ['response:email'], sort: '-risk' };
  expect(inventorySearch(parseSearch(stringifySearch(view)))).toEqual(view);
  expect(stringifySearch({ q: '', auth: [] })).toBe('');
  expect(inventorySearch({ q: 7, auth: '', other: 'x' })).toEqual({});
});
