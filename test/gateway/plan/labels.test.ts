import { describe, expect, it } from 'vitest';
import { FORMS } from '../../../src/gateway/plan/forms.ts';
import { container, labelled, plan, refusalsOf, routeOf, SETTINGS } from './samples.ts';

describe('a serving label that conforms', () => {
  const route = (labels: Record<string, string>) => routeOf(labelled(labels), 'web')!;

  it.each([
    ['flatnet.port', '3000', { port: 3000 }],
    ['flatnet.port', '65535', { port: 65_535 }],
  ])('%s=%s sets the port', (label, value, expected) => {
    expect(route({ [label]: value }).backends[0]).toMatchObject(expected);
    expect(route({ [label]: value }).portReason).toEqual({ by: 'label', label });
  });

  it.each([
    ['/', '/'],
    ['/git', '/git/'],
    ['/git/', '/git/'],
    ['/a-b/c_d~1.2', '/a-b/c_d~1.2/'],
  ])('flatnet.path=%s serves below %s', (value, path) => {
    expect(route({ 'flatnet.path': value }).path).toBe(path);
  });

  it.each([
    ['flatnet.scheme', 'https', { scheme: 'https' }],
    ['flatnet.scheme', 'h2c', { scheme: 'h2c' }],
    ['flatnet.scheme', 'grpc', { scheme: 'grpc' }],
    ['flatnet.strip', 'true', { strip: true }],
    ['flatnet.stream', 'true', { stream: true }],
    ['flatnet.body-limit', '0', { bodyLimit: 0 }],
    ['flatnet.body-limit', '512', { bodyLimit: 512 }],
    ['flatnet.body-limit', '20m', { bodyLimit: 20_971_520 }],
    ['flatnet.body-limit', '1G', { bodyLimit: 1_073_741_824 }],
    ['flatnet.timeout', '90', { timeout: 90 }],
    ['flatnet.timeout', '15m', { timeout: 900 }],
    ['flatnet.timeout', '7d', { timeout: 604_800 }],
    ['flatnet.auth', 'team-1.htpasswd', { auth: 'team-1.htpasswd' }],
    [
      'flatnet.access',
      '192.168.1.77/24, 10.1.2.3,fd00::1',
      { access: ['192.168.1.0/24', '10.1.2.3/32', 'fd00::1/128'] },
    ],
  ])('%s=%s is an option of the route', (label, value, expected) => {
    expect(route({ [label]: value }).options).toMatchObject(expected);
  });

  it('leaves the defaults: HTTP, bodies without limit, an hour between reads, for everybody', () => {
    expect(route({}).options).toEqual({
      scheme: 'http',
      strip: false,
      bodyLimit: 0,
      timeout: 3600,
      stream: false,
      access: [],
      auth: undefined,
    });
  });

  it('flatnet.access=lan lets private addresses in, host only this host', () => {
    const lan = route({ 'flatnet.access': 'lan' }).options.access;
    expect(lan).toContain('192.168.0.0/16');
    expect(lan).toContain('fc00::/7');
    const own = labelled({ 'flatnet.access': 'host' }, { hostAddresses: ['FE80::1', '192.168.1.5', 'eth0'] });
    expect(routeOf(own, 'web')!.options.access).toEqual([
      '127.0.0.0/8',
      '::1/128',
      '192.168.1.5/32',
      'fe80::1/128',
    ]);
  });

  it('flatnet.host comes before the default names, the first one is canonical', () => {
    expect(route({ 'flatnet.host': 'Git.Local, git.example,git.local' }).hosts).toEqual([
      'git.local',
      'git.example',
      'web.local',
      'web.flatnet.local',
    ]);
  });

  it('takes punycode for names in other letters', () => {
    expect(route({ 'flatnet.host': 'xn--caf-dma.local' }).hosts[0]).toBe('xn--caf-dma.local');
  });
});

describe('a serving label that does not conform', () => {
  it.each([
    ['host', '', FORMS.hosts],
    ['host', 'a_b.local', FORMS.hosts],
    ['host', '*.local', FORMS.hosts],
    ['host', '~^(.*)$', FORMS.hosts],
    ['host', 'git.local:8080', FORMS.hosts],
    ['host', '10.0.0.1', FORMS.hosts],
    ['host', '0x7f.1', FORMS.hosts],
    ['host', '[::1]', FORMS.hosts],
    ['host', 'café.local', FORMS.hosts],
    ['host', '\u212Aeep.local', FORMS.hosts],
    ['host', 'a.local,,b.local', FORMS.hosts],
    ['host', 'a.local b.local', FORMS.hosts],
    ['host', 'a.local;return 200', FORMS.hosts],
    ['host', 'a.local\n', FORMS.hosts],
    ['host', `${'a'.repeat(64)}.local`, FORMS.hosts],
    ['host', 'localhost', FORMS.ownName],
    ['host', 'x.localhost', FORMS.ownName],
    ['host', 'flatnet.local', FORMS.ownName],
    ['host', 'gateway.example', FORMS.ownName],
    ['host', '10.87.1.2.flatnet.local', FORMS.ownName],
    ['host', '10-87-1-2.flatnet.local', FORMS.ownName],
    ['host', '999-1-1-1.flatnet.local', FORMS.ownName],
    ['host', 'good.local, LOCALHOST', FORMS.ownName],
    ['port', '0', FORMS.port],
    ['port', '65536', FORMS.port],
    ['port', '080', FORMS.port],
    ['port', '3000;', FORMS.port],
    ['port', '-1', FORMS.port],
    ['port', '8080/tcp', FORMS.port],
    ['path', '', FORMS.path],
    ['path', 'git', FORMS.path],
    ['path', '//git', FORMS.path],
    ['path', '/../etc', FORMS.path],
    ['path', '/a/./b', FORMS.path],
    ['path', '/a%2fb', FORMS.path],
    ['path', '/a{', FORMS.path],
    ['path', '/a b', FORMS.path],
    ['path', '/$uri', FORMS.path],
    ['path', `/${'a/'.repeat(99)}/`, FORMS.path],
    ['scheme', 'ftp', FORMS.scheme],
    ['scheme', '__proto__', FORMS.scheme],
    ['scheme', 'constructor', FORMS.scheme],
    ['strip', 'yes', FORMS.boolean],
    ['enable', '1', FORMS.boolean],
    ['stream', 'TRUE', FORMS.boolean],
    ['balance', 'a b', FORMS.pool],
    ['body-limit', '1.5m', FORMS.size],
    ['body-limit', '10t', FORMS.size],
    ['body-limit', '999999999999999g', FORMS.size],
    ['timeout', '0', FORMS.time],
    ['timeout', '8d', FORMS.time],
    ['timeout', '1h30m', FORMS.time],
    ['access', 'all', FORMS.access],
    ['access', '10.0.0.0/33', FORMS.access],
    ['access', '010.0.0.0/8', FORMS.access],
    ['access', 'lan;', FORMS.access],
    ['auth', '../shadow', FORMS.fileName],
    ['auth', '.htpasswd', FORMS.fileName],
    ['auth', 'a/b', FORMS.fileName],
    ['health', '/healthz', FORMS.health],
  ])('flatnet.%s=%j stops the service, and is named', (key, value, expected) => {
    const model = labelled({ 'flatnet.port': '8080', [`flatnet.${key}`]: value });
    expect(model.routes).toEqual([]);
    expect(refusalsOf(model, 'web')).toContainEqual({
      why: 'bad-label',
      label: `flatnet.${key}`,
      value,
      expected,
    });
  });

  it('does not reach the other services of the container', () => {
    const labels = {
      'flatnet.port': '80 80',
      'flatnet.admin.host': 'admin.local',
      'flatnet.admin.port': '9000',
    };
    const model = labelled(labels);
    expect(model.routes.map(({ id, hosts }) => ({ id, hosts }))).toEqual([
      { id: 'web--admin', hosts: ['admin.local'] },
    ]);
    expect(refusalsOf(model, 'web')).toHaveLength(1);
  });

  it('is shown in part only where it is huge', () => {
    const model = labelled({ 'flatnet.host': 'a'.repeat(1_000_000) });
    const [refusal] = refusalsOf(model, 'web');
    expect(JSON.stringify(refusal).length).toBeLessThan(700);
  });
});

describe('unknown labels', () => {
  it('are told of with the nearest one, and stop nothing', () => {
    const model = labelled({ 'flatnet.hots': 'git.local' });
    expect(refusalsOf(model, 'web')).toEqual([
      {
        why: 'bad-label',
        label: 'flatnet.hots',
        value: 'git.local',
        expected: `${FORMS.known}; did you mean "flatnet.host"?`,
      },
    ]);
    expect(model.routes).toHaveLength(1);
  });

  it.each(['flatnet.acces', 'flatnet.auht', 'flatnet.enabel'])(
    '%s looks like one that keeps people out, so the service stays closed',
    (label) => {
      const model = labelled({ [label]: 'x' });
      expect(model.routes).toEqual([]);
      expect(model.addresses).toEqual([]);
    },
  );

  it.each([
    'flatnet.a.b.c',
    'flatnet..host',
    'flatnet.A.host',
    'flatnet.a--b.host',
    'flatnet.',
    'flatnet.__proto__',
  ])('%s is none, and stops nothing', (label) => {
    const model = labelled({ [label]: 'x.local' });
    expect(model.routes).toHaveLength(1);
    expect(refusalsOf(model, 'web')).toHaveLength(1);
  });

  it('are told of up to a limit', () => {
    const labels = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`flatnet.x${index}`, 'y']));
    expect(refusalsOf(labelled(labels), 'web').length).toBeLessThanOrEqual(20);
  });
});

describe('enable', () => {
  it('flatnet.enable=false turns the container off, address included', () => {
    const model = labelled({ 'flatnet.enable': 'false', 'flatnet.a.host': 'a.local', 'flatnet.a.port': '1' });
    expect(refusalsOf(model, 'web')).toEqual([{ why: 'disabled', label: 'flatnet.enable' }]);
    expect(model.routes).toEqual([]);
    expect(model.addresses).toEqual([]);
  });

  it('flatnet.SERVICE.enable=false turns that service off', () => {
    const model = labelled({ 'flatnet.a.host': 'a.local', 'flatnet.a.enable': 'false' });
    expect(model.routes.map(({ id }) => id)).toEqual(['web']);
    expect(refusalsOf(model, 'web')).toEqual([{ why: 'disabled', label: 'flatnet.a.enable' }]);
  });

  it('with expose = "labelled" only containers with a label of flatnet are served', () => {
    const settings = { ...SETTINGS, gateway: { ...SETTINGS.gateway, expose: 'labelled' as const } };
    const containers = [container('a', 2), container('b', 3, { labels: { 'flatnet.enable': 'true' } })];
    const model = plan(containers, { settings });
    expect(model.routes.map(({ id }) => id)).toEqual(['b']);
    expect(refusalsOf(model, 'a')).toEqual([{ why: 'not-labelled' }]);
    expect(model.addresses).toEqual(['10.87.1.3']);
  });
});

describe('labels of the image', () => {
  it('serve nothing', () => {
    const imageLabels = { 'flatnet.host': 'evil.local', 'flatnet.port': '22', 'flatnet.enable': 'false' };
    const model = labelled({}, { container: { imageLabels } });
    expect(routeOf(model, 'web')).toMatchObject({ hosts: ['web.local', 'web.flatnet.local'] });
    expect(routeOf(model, 'web')!.backends[0]!.port).toBe(8080);
  });
});
