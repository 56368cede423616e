import { describe, expect, it } from 'vitest';
import { FORMS } from '../../../src/gateway/plan/forms.ts';
import { hostLabelOf } from '../../../src/gateway/plan/host-names.ts';
import { container, labelled, plan, refusalsOf, routeOf, withGateway } from './samples.ts';

describe('the name of a container as a host label', () => {
  it.each([
    ['forgejo', 'forgejo'],
    ['My_App', 'my-app'],
    ['compose_web_1', 'compose-web-1'],
    ['a.b', 'a-b'],
    ['-_web_-', 'web'],
    ['日本web', 'web'],
    ['a;b\n"c', 'abc'],
    ['x'.repeat(70), 'x'.repeat(63)],
    [`${'x'.repeat(62)}-y`, 'x'.repeat(62)],
  ])('%j is %j', (name, label) => {
    expect(hostLabelOf(name)).toBe(label);
  });

  it.each([[''], ['---'], ['日本'], ['_']])('%j makes none', (name) => {
    expect(hostLabelOf(name)).toBeUndefined();
  });
});

describe('the hosts of a container', () => {
  it('are NAME.local and NAME.DOMAIN', () => {
    const model = plan([container('Git_Lab', 2)], { settings: withGateway({ domain: 'lab.example' }) });
    expect(routeOf(model, 'git-lab')!.hosts).toEqual(['git-lab.local', 'git-lab.lab.example']);
  });

  it('are never those of the gateway', () => {
    const model = plan([container('flatnet', 2), container('10-87-1-9', 3), container('localhost', 4)]);
    expect(model.routes.flatMap(({ hosts }) => hosts).sort()).toEqual([
      '10-87-1-9.local',
      'flatnet.flatnet.local',
      'localhost.flatnet.local',
      'localhost.local',
    ]);
  });

  it('a name without letters and digits makes none, but a label does', () => {
    const bare = plan([container('日本', 2)]);
    expect(refusalsOf(bare, '日本')).toEqual([{ why: 'no-host-name', name: '日本' }]);
    const named = plan([container('日本', 2, { labels: { 'flatnet.host': 'nihon.local' } })]);
    expect(named.routes).toMatchObject([{ id: '000000000002', hosts: ['nihon.local'] }]);
  });
});

describe('several services of a container', () => {
  it('have their own hosts, and the container keeps its names', () => {
    const model = labelled({
      'flatnet.port': '9000',
      'flatnet.console.host': 'console.local',
      'flatnet.console.port': '9001',
    });
    expect(model.routes.map(({ id, hosts, backends }) => [id, hosts, backends[0]!.port])).toEqual([
      ['web', ['web.local', 'web.flatnet.local'], 9000],
      ['web--console', ['console.local'], 9001],
    ]);
  });

  it('with a path alone are below the names of the container', () => {
    const model = labelled({
      'flatnet.host': 'shop.local',
      'flatnet.api.path': '/api',
      'flatnet.api.port': '9001',
    });
    const hosts = ['shop.local', 'web.local', 'web.flatnet.local'];
    expect(model.routes).toMatchObject([
      { id: 'web', hosts, path: '/' },
      { id: 'web--api', hosts, path: '/api/' },
    ]);
  });

  it('are at most 32, and the next one is told of', () => {
    const numbers = Array.from({ length: 33 }, (_, index) => 10 + index);
    const model = labelled(Object.fromEntries(numbers.map((n) => [`flatnet.s${n}.host`, `s${n}.local`])));
    expect(model.routes.filter(({ id }) => id.startsWith('web--'))).toHaveLength(32);
    expect(refusalsOf(model, 'web')).toMatchObject([
      { label: 'flatnet.s42.host', expected: FORMS.fewServices },
    ]);
  });

  it('without host and path are refused', () => {
    const model = labelled({ 'flatnet.api.port': '9001' });
    expect(refusalsOf(model, 'web')).toMatchObject([{ why: 'bad-label', label: 'flatnet.api.host' }]);
  });

  it('may have the name of the container', () => {
    const model = labelled({ 'flatnet.ui.host': 'web.local', 'flatnet.ui.port': '9001' });
    expect(model.routes.map(({ id, hosts }) => [id, hosts])).toEqual([
      ['web', ['web.flatnet.local']],
      ['web--ui', ['web.local']],
    ]);
    expect(refusalsOf(model, 'web')).toEqual([]);
  });

  it.each([
    ['auth', 'team'],
    ['access', 'lan'],
    ['auth', '../bad'],
  ])('of which one has %s=%s leave no way around it', (key, value) => {
    const model = labelled({ 'flatnet.ui.host': 'ui.local', [`flatnet.ui.${key}`]: value });
    expect(model.routes.flatMap(({ hosts }) => hosts)).not.toContain('web.local');
    expect(model.addresses).toEqual([]);
  });
});
