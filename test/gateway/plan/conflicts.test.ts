import { describe, expect, it } from 'vitest';
import { FORMS } from '../../../src/gateway/plan/forms.ts';
import { container, NOW, plan, probe, refusalsOf, routeOf } from './samples.ts';

const at = (name: string, number: number, labels: Record<string, string>) =>
  container(name, number, { labels });

describe('two containers that want one name', () => {
  it('the older one has it, and the other is told whose it is', () => {
    const containers = [
      at('new', 3, { 'flatnet.host': 'git.local' }),
      at('old', 2, { 'flatnet.host': 'git.local' }),
    ];
    const model = plan(containers);
    expect(routeOf(model, 'old')!.hosts[0]).toBe('git.local');
    expect(routeOf(model, 'new')!.hosts).toEqual(['new.local', 'new.flatnet.local']);
    expect(refusalsOf(model, 'new')).toEqual([
      { why: 'conflict', host: 'git.local', path: '/', owner: 'old' },
    ]);
    expect(refusalsOf(model, 'old')).toEqual([]);
  });

  it('of two that are as old, the one with the lower id has it', () => {
    const both = [at('b', 3, { 'flatnet.host': 'x.local' }), at('a', 9, { 'flatnet.host': 'x.local' })];
    const model = plan(both.map((one) => ({ ...one, createdAt: NOW })));
    expect(routeOf(model, 'b')!.hosts[0]).toBe('x.local');
    expect(refusalsOf(model, 'a')).toHaveLength(1);
  });

  it('may have it with different paths', () => {
    const model = plan([
      at('a', 2, { 'flatnet.host': 'apps.local', 'flatnet.path': '/a' }),
      at('b', 3, { 'flatnet.host': 'apps.local', 'flatnet.path': '/b/' }),
      at('c', 4, { 'flatnet.host': 'apps.local', 'flatnet.path': '/b' }),
    ]);
    expect(refusalsOf(model, 'b')).toEqual([]);
    expect(refusalsOf(model, 'c')).toEqual([
      { why: 'conflict', host: 'apps.local', path: '/b/', owner: 'b' },
    ]);
  });

  it('by names that make the same label: both are told apart by their ids, too', () => {
    const model = plan([at('my_app', 2, {}), at('my-app', 3, { 'flatnet.host': 'other.local' })]);
    expect(model.routes.map(({ id, hosts }) => [id, hosts])).toEqual([
      ['my-app', ['my-app.local', 'my-app.flatnet.local']],
      ['my-app-000000000003', ['other.local']],
    ]);
  });

  it('who gets nothing has no route, and every name it did not get is told', () => {
    const model = plan([at('my_app', 2, {}), at('my-app', 3, {})]);
    expect(model.services.find(({ container: one }) => one.name === 'my-app')!.routes).toEqual([]);
    expect(refusalsOf(model, 'my-app')).toHaveLength(2);
  });

  it('a stopped container keeps its name', () => {
    const old = { ...at('old', 2, { 'flatnet.host': 'git.local' }), phase: 'stopped' as const };
    const model = plan([old, at('new', 3, { 'flatnet.host': 'git.local' })]);
    expect(routeOf(model, 'old')).toMatchObject({
      state: 'stopped',
      hosts: expect.arrayContaining(['git.local']),
    });
  });

  it('a container that is not served claims nothing', () => {
    const model = plan([
      at('old', 2, { 'flatnet.host': 'git.local', 'flatnet.port': 'x' }),
      at('new', 3, { 'flatnet.host': 'git.local' }),
    ]);
    expect(routeOf(model, 'new')!.hosts[0]).toBe('git.local');
  });
});

describe('a pool', () => {
  const member = (name: string, number: number, further: Record<string, string> = {}) =>
    at(name, number, { 'flatnet.host': 'shop.local', 'flatnet.balance': 'shop', ...further });

  it('answers the shared name by all, and each container keeps its own', () => {
    const model = plan([member('b', 3), member('a', 2)]);
    expect(
      model.routes.map(({ id, hosts, backends }) => [id, hosts, backends.map((one) => one.container)]),
    ).toEqual([
      ['a', ['a.local', 'a.flatnet.local'], ['a']],
      ['b', ['b.local', 'b.flatnet.local'], ['b']],
      ['pool--shop', ['shop.local'], ['a', 'b']],
    ]);
    expect(model.services.map(({ routes }) => routes)).toEqual([
      ['a', 'pool--shop'],
      ['b', 'pool--shop'],
    ]);
  });

  it('is as well as its best container', () => {
    const stopped = { ...member('a', 2), phase: 'stopped' as const };
    const model = plan([stopped, member('b', 3)], { probes: [probe('10.87.1.3', 8080)] });
    expect(routeOf(model, 'pool--shop')).toMatchObject({
      state: 'ready',
      backends: [{ state: 'stopped' }, { state: 'ready' }],
    });
  });

  it.each([
    [{}, { 'flatnet.scheme': 'https' }],
    [{}, { 'flatnet.host': 'shop.local, other.local' }],
    [{}, { 'flatnet.path': '/x' }],
    [{ 'flatnet.auth': 'team' }, {}],
  ])('takes in no container that asks for something else (%j, %j)', (first, second) => {
    const model = plan([member('a', 2, first), member('b', 3, second)]);
    expect(routeOf(model, 'pool--shop')!.backends).toHaveLength(1);
    expect(refusalsOf(model, 'b')).toEqual([
      { why: 'bad-label', label: 'flatnet.balance', value: 'shop', expected: FORMS.samePool },
    ]);
    expect(routeOf(model, 'b')!.hosts).toEqual(['b.local', 'b.flatnet.local']);
  });

  it('does not open to a container without the label, or with another value', () => {
    const model = plan([
      member('a', 2),
      at('b', 3, { 'flatnet.host': 'shop.local' }),
      member('c', 4, { 'flatnet.balance': 'other' }),
    ]);
    expect(routeOf(model, 'pool--shop')!.backends).toHaveLength(1);
    expect(refusalsOf(model, 'b')).toMatchObject([{ why: 'conflict', owner: 'a' }]);
    expect(refusalsOf(model, 'c')).toMatchObject([{ why: 'conflict', owner: 'a' }]);
  });

  it('loses only the host that an older container has', () => {
    const hosts = { 'flatnet.host': 'shop.local, taken.local' };
    const model = plan([at('taken', 1, {}), member('a', 2, hosts), member('b', 3, hosts)]);
    expect(routeOf(model, 'pool--shop')).toMatchObject({ hosts: ['shop.local'], backends: [{}, {}] });
    expect(refusalsOf(model, 'b')).toMatchObject([{ why: 'conflict', host: 'taken.local', owner: 'taken' }]);
  });

  it('keeps a container whose port was found by asking when it stops answering', () => {
    const labels = { 'flatnet.s.host': 'shop.local', 'flatnet.s.balance': 'shop', 'flatnet.s.auth': 'team' };
    const both = [
      container('shop2', 2, { labels, exposed: [8080] }),
      container('shop3', 3, { labels, exposed: [8080, 9090] }),
    ];
    const speaks = both.map(({ addresses: [address] }) => probe(address!, 8080, { speaksHttp: true }));
    const previous = plan(both, { probes: speaks });
    const silent = plan(both, { probes: speaks.slice(0, 1), previous });
    expect(routeOf(silent, 'pool--shop')!.backends.map(({ port }) => port)).toEqual([8080, 8080]);
  });

  it('needs a name to share', () => {
    const model = plan([at('a', 2, { 'flatnet.balance': 'shop' })]);
    expect(refusalsOf(model, 'a')).toMatchObject([{ why: 'bad-label', expected: FORMS.poolHost }]);
  });
});

describe('a fragment that nginx refused', () => {
  it('is left out, with what nginx said, and its name goes to nobody else', () => {
    const containers = [
      at('old', 2, { 'flatnet.host': 'git.local' }),
      at('new', 3, { 'flatnet.host': 'git.local' }),
    ];
    const model = plan(containers, { quarantine: new Map([['old', 'host not found']]) });
    expect(model.routes.map(({ id }) => id)).toEqual(['new']);
    expect(routeOf(model, 'new')!.hosts).not.toContain('git.local');
    expect(refusalsOf(model, 'old')).toEqual([{ why: 'quarantined', message: 'host not found' }]);
    expect(refusalsOf(model, 'new')).toMatchObject([{ why: 'conflict', owner: 'old' }]);
  });
});
