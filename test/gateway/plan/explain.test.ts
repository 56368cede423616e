import { describe, expect, it } from 'vitest';
import { explainContainer, explainHost } from '../../../src/gateway/plan/explain.ts';
import { container, idOf, plan, probe } from './samples.ts';

const model = plan(
  [
    container('forgejo', 2, { exposed: [22, 3000] }),
    container('db', 3, { exposed: [5432] }),
    container('late', 4, { labels: { 'flatnet.host': 'forgejo.local, late.example' } }),
    container('broken', 5, { labels: { 'flatnet.host': 'broken.example', 'flatnet.port': 'x' } }),
    container('secret', 6, { labels: { 'flatnet.auth': 'team' } }),
    container('shop1', 7, { labels: { 'flatnet.host': 'shop.local', 'flatnet.balance': 'shop' } }),
    container('shop2', 8, { labels: { 'flatnet.host': 'shop.local', 'flatnet.balance': 'shop' } }),
    container('flaky', 9),
  ],
  {
    probes: [probe('10.87.1.2', 3000)],
    quarantine: new Map([['flaky', 'host not found in upstream']]),
  },
);

describe('explainHost()', () => {
  it('tells route, container, address, port with its reason, and who else wanted it', () => {
    expect(explainHost(model, 'Forgejo.Local.:80')).toMatchObject({
      asked: 'forgejo.local',
      outcome: 'served',
      service: { container: { name: 'forgejo' } },
      routes: [
        {
          route: 'forgejo',
          container: 'forgejo',
          address: '10.87.1.2',
          port: 3000,
          portReason: { by: 'only-web-port' },
          state: 'ready',
        },
      ],
      refusals: [],
      claimants: ['late'],
      suggestions: [],
    });
  });

  it('tells all containers behind a shared name', () => {
    expect(explainHost(model, 'shop.local').routes.map((route) => route.container)).toEqual([
      'shop1',
      'shop2',
    ]);
  });

  it.each([
    ['db.local', 'db', 'no-web-port'],
    ['broken.local', 'broken', 'bad-label'],
    ['broken.example', 'broken', 'bad-label'],
    ['flaky.flatnet.local', 'flaky', 'quarantined'],
  ])('%s is not served, and why', (host, name, why) => {
    expect(explainHost(model, host)).toMatchObject({
      outcome: 'not-served',
      service: { container: { name } },
      refusals: [{ why }],
      suggestions: [],
    });
  });

  it.each([
    ['10.87.1.3.flatnet.local', 'address'],
    ['10-87-1-3.flatnet.local', 'address'],
    ['10-87-1-6.flatnet.local', 'not-served'],
    ['10-87-1-99.flatnet.local', 'unknown'],
  ])('%s is an address: %s', (host, outcome) => {
    expect(explainHost(model, host).outcome).toBe(outcome);
  });

  it.each([
    ['forgjo.local', 'forgejo.local'],
    ['forgejo.lan', 'forgejo.local'],
    ['shop1.locla', 'shop1.local'],
  ])('%s is none: perhaps %s', (host, suggestion) => {
    const { outcome, suggestions } = explainHost(model, host);
    expect(outcome).toBe('unknown');
    expect(suggestions[0]).toBe(suggestion);
    expect(suggestions.length).toBeLessThanOrEqual(3);
  });

  it.each(['', '.', 'x'.repeat(100_000), '<script>', '__proto__', '\0'])('bears %j', (host) => {
    expect(explainHost(model, host)).toMatchObject({ outcome: 'unknown', suggestions: [] });
  });
});

describe('explainContainer()', () => {
  it.each(['forgejo', idOf(2), idOf(2).slice(0, 12)])('finds it by %s', (asked) => {
    expect(explainContainer(model, asked)).toMatchObject({
      outcome: 'served',
      service: { container: { name: 'forgejo' } },
      routes: [{ route: 'forgejo' }],
    });
  });

  it('not by less than twelve digits', () => {
    expect(explainContainer(model, idOf(2).slice(0, 11)).outcome).toBe('unknown');
  });

  it('tells only its own part of a pool', () => {
    const { routes } = explainContainer(model, 'shop2');
    expect(routes.map(({ route, container: name }) => [route, name])).toEqual([
      ['pool--shop', 'shop2'],
      ['shop2', 'shop2'],
    ]);
  });

  it('says why one is not served, and what a served one did not get', () => {
    expect(explainContainer(model, 'db')).toMatchObject({
      outcome: 'not-served',
      refusals: [{ why: 'no-web-port' }],
    });
    expect(explainContainer(model, 'late')).toMatchObject({
      outcome: 'served',
      refusals: [{ why: 'conflict' }],
    });
  });

  it('suggests the nearest name', () => {
    expect(explainContainer(model, 'forgjeo')).toMatchObject({
      outcome: 'unknown',
      suggestions: ['forgejo'],
    });
  });
});
