import { describe, expect, it } from 'vitest';
import { FORMS } from '../../../src/gateway/plan/forms.ts';
import { FOREIGN_LABELS } from '../../../src/gateway/settings.ts';
import { labelled, refusalsOf, withGateway } from './samples.ts';

const settings = withGateway({ foreignLabels: FOREIGN_LABELS });
const read = (labels: Record<string, string>) =>
  labelled(labels, { settings, container: { exposed: [22, 8080] } });

/** Hosts that labels name, path, port and scheme of each route. */
const routes = (labels: Record<string, string>) =>
  read(labels).routes.map(({ hosts, path, options, backends }) => ({
    hosts: hosts.filter((host) => !host.startsWith('web.')),
    path,
    port: backends[0]!.port,
    scheme: options.scheme,
    strip: options.strip,
  }));
const PLAIN = { hosts: [], path: '/', port: 8080, scheme: 'http', strip: false };

describe('labels of other tools', () => {
  it('count only where the settings say so', () => {
    const model = labelled({ VIRTUAL_HOST: 'a.local', caddy: 'b.local', 'homepage.name': 'X' });
    expect(model.routes[0]!.hosts).toEqual(['web.local', 'web.flatnet.local']);
    expect(model.services[0]!.display.title).toBe('web');
  });

  it('count only where there is none of flatnet', () => {
    const labels = {
      VIRTUAL_HOST: 'a.local',
      'traefik.enable': 'false',
      'homepage.name': 'X',
      'flatnet.weight': '1',
    };
    expect(routes(labels)).toEqual([PLAIN]);
    expect(read(labels).services[0]!.display.title).toBe('web');
  });

  it('of several tools: the first of the settings counts', () => {
    expect(routes({ VIRTUAL_HOST: 'a.local', caddy: 'b.local' })).toEqual([{ ...PLAIN, hosts: ['a.local'] }]);
  });

  it('opt a container in', () => {
    const labelledOnly = withGateway({ foreignLabels: ['caddy'], expose: 'labelled' });
    const labels = { caddy: 'b.local', 'caddy.reverse_proxy': '{{upstreams}}' };
    expect(labelled(labels, { settings: labelledOnly }).routes).toHaveLength(1);
    expect(labelled({ VIRTUAL_HOST: 'b.local' }, { settings: labelledOnly }).routes).toEqual([]);
  });
});

describe('nginx-proxy', () => {
  it('is read by labels of the names of its variables', () => {
    expect(
      routes({
        VIRTUAL_HOST: 'a.local,b.local',
        VIRTUAL_PORT: '9000',
        VIRTUAL_PATH: '/x/',
        VIRTUAL_PROTO: 'https',
        VIRTUAL_DEST: '/',
      }),
    ).toEqual([{ hosts: ['a.local', 'b.local'], path: '/x/', port: 9000, scheme: 'https', strip: true }]);
  });

  it.each([
    ['VIRTUAL_HOST', '~^x', FORMS.hosts],
    ['VIRTUAL_HOST', '*.example.com', FORMS.hosts],
    ['VIRTUAL_PROTO', 'fastcgi', FORMS.scheme],
    ['VIRTUAL_PATH', '~^/(a|b)/', FORMS.path],
    ['VIRTUAL_DEST', '/other', FORMS.nginxProxyDest],
    ['VIRTUAL_HOST_MULTIPORTS', 'a.local: {}', FORMS.nginxProxyLabel],
  ])('%s=%s is named, not guessed', (label, value, expected) => {
    const model = read({ [label]: value });
    expect(model.routes).toEqual([]);
    expect(refusalsOf(model, 'web')).toContainEqual({ why: 'bad-label', label, value, expected });
  });
});

describe('Traefik', () => {
  const rule = (value: string, further: Record<string, string> = {}) => ({
    'traefik.http.routers.x.rule': value,
    ...further,
  });

  it.each([
    ['Host(`a.local`)', { hosts: ['a.local'] }],
    ['Host("a.local")', { hosts: ['a.local'] }],
    ['Host(`a.local`, `b.local`)', { hosts: ['a.local', 'b.local'] }],
    ['Host(`a.local`) || Host(`b.local`)', { hosts: ['a.local', 'b.local'] }],
    ['Host(`a.local`) && PathPrefix(`/x`)', { hosts: ['a.local'], path: '/x/' }],
    [
      'PathPrefix(`/x`) && (Host(`a.local`) || Host(`b.local`))',
      { hosts: ['a.local', 'b.local'], path: '/x/' },
    ],
    ['PathPrefix(`/x`)', { path: '/x/' }],
  ])('reads %s', (value, expected) => {
    expect(routes(rule(value))).toEqual([{ ...PLAIN, ...expected }]);
  });

  it.each([
    'HostRegexp(`.+`)',
    'Host(`a.local`) && Headers(`x`, `y`)',
    'Host(`a.local`) && !PathPrefix(`/x`)',
    'Host(`a.local`) || Host(`b.local`) && PathPrefix(`/x`)',
    'Host(`a.local`) || PathPrefix(`/x`)',
    'PathPrefix(`/x`) && PathPrefix(`/y`)',
    'PathPrefix(`/x`, `/y`)',
    'Host(a.local)',
    'Host(`a.local`',
    '',
  ])('names %j, which it cannot serve', (value) => {
    const model = read(rule(value));
    expect(model.routes).toEqual([]);
    expect(refusalsOf(model, 'web')).toEqual([
      { why: 'bad-label', label: 'traefik.http.routers.x.rule', value, expected: FORMS.traefikRule },
    ]);
  });

  it('checks the hosts of a rule as any other', () => {
    expect(read(rule('Host(`a;b`)')).routes).toEqual([]);
    expect(read(rule('Host(`localhost`)')).routes).toEqual([]);
  });

  it('takes port and scheme of the service, in any case', () => {
    const labels = {
      'traefik.HTTP.Services.x.LoadBalancer.Server.Port': '9000',
      'traefik.http.services.x.loadbalancer.server.scheme': 'h2c',
    };
    expect(routes(rule('Host(`a.local`)', labels))).toEqual([
      { ...PLAIN, hosts: ['a.local'], port: 9000, scheme: 'h2c' },
    ]);
  });

  it('takes the service that a router names', () => {
    const labels = {
      'traefik.http.routers.a.rule': 'Host(`a.local`)',
      'traefik.http.routers.a.service': 'one',
      'traefik.http.routers.b.rule': 'Host(`b.local`)',
      'traefik.http.routers.b.service': 'Two',
      'traefik.http.services.one.loadbalancer.server.port': '9001',
      'traefik.http.services.two.loadbalancer.server.port': '9002',
    };
    expect(routes(labels)).toEqual([
      { ...PLAIN, hosts: ['a.local'], port: 9001 },
      { ...PLAIN, hosts: ['b.local'], port: 9002 },
    ]);
    const lost = read({ ...labels, 'traefik.http.routers.b.service': 'three' });
    expect(refusalsOf(lost, 'web')).toMatchObject([{ value: 'three', expected: FORMS.traefikService }]);
  });

  it.each([
    ['traefik.http.routers.x.middlewares', 'auth@file', FORMS.traefikRouter],
    ['traefik.http.services.x.loadbalancer.server.url', 'http://169.254.169.254', FORMS.traefikUrl],
  ])('does not serve without what %s asks for', (label, value, expected) => {
    const model = read(rule('Host(`a.local`)', { [label]: value }));
    expect(model.routes).toEqual([]);
    expect(refusalsOf(model, 'web')).toContainEqual({ why: 'bad-label', label, value, expected });
  });

  it('traefik.enable=false turns the container off', () => {
    const model = read(rule('Host(`a.local`)', { 'traefik.enable': 'false' }));
    expect(refusalsOf(model, 'web')).toEqual([{ why: 'disabled', label: 'traefik.enable' }]);
    expect(refusalsOf(read({ 'traefik.enable': 'false' }), 'web')).toMatchObject([{ why: 'disabled' }]);
  });

  it('traefik.enable=true, or a port alone, serves the names of the container', () => {
    expect(routes({ 'traefik.enable': 'true' })).toEqual([PLAIN]);
    expect(routes({ 'traefik.http.services.x.loadbalancer.server.port': '9000' })).toEqual([
      { ...PLAIN, port: 9000 },
    ]);
  });

  it('is told of routers of TCP', () => {
    const model = read(rule('Host(`a.local`)', { 'traefik.tcp.routers.y.rule': 'HostSNI(`*`)' }));
    expect(model.routes).toHaveLength(1);
    expect(refusalsOf(model, 'web')).toMatchObject([{ label: 'traefik.tcp.routers.y.rule' }]);
  });
});

describe('Caddy', () => {
  it.each([
    ['{{upstreams}}', {}],
    ['{{upstreams 9000}}', { port: 9000 }],
    ['{{upstreams https 9443}}', { port: 9443, scheme: 'https' }],
    ['/api/* {{upstreams h2c 9000}}', { port: 9000, scheme: 'h2c', path: '/api/' }],
    ['/* {{ upstreams 9000 }}', { port: 9000 }],
  ])('reads reverse_proxy %s', (proxy, expected) => {
    const labels = {
      caddy: 'http://a.local, b.local',
      'caddy.reverse_proxy': proxy,
      'caddy.tls': 'internal',
    };
    expect(routes(labels)).toEqual([{ ...PLAIN, hosts: ['a.local', 'b.local'], ...expected }]);
  });

  it.each([
    'http://169.254.169.254',
    '10.0.0.1:80',
    '{{upstreams 80}} {{upstreams 81}}',
    '/api* {{upstreams}}',
    '@x {{upstreams}}',
    '{{ env "SECRET" }}',
    '',
  ])('names reverse_proxy %j, which it cannot serve', (value) => {
    const model = read({ caddy: 'a.local', 'caddy.reverse_proxy': value });
    expect(model.routes).toEqual([]);
    expect(refusalsOf(model, 'web')).toEqual([
      { why: 'bad-label', label: 'caddy.reverse_proxy', value, expected: FORMS.caddyProxy },
    ]);
  });

  it.each([
    ['caddy.basic_auth.admin', 'hash'],
    ['caddy.handle_path', '/x/*'],
    ['caddy.1_reverse_proxy', '{{upstreams}}'],
  ])('does not serve without what %s asks for', (label, value) => {
    const model = read({ caddy: 'a.local', 'caddy.reverse_proxy': '{{upstreams}}', [label]: value });
    expect(model.routes).toEqual([]);
    expect(refusalsOf(model, 'web')).toContainEqual({
      why: 'bad-label',
      label,
      value,
      expected: FORMS.caddyDirective,
    });
  });

  it('has several sites', () => {
    const labels = {
      caddy_0: 'a.local',
      'caddy_0.reverse_proxy': '{{upstreams 9000}}',
      caddy_1: 'b.local',
      'caddy_1.reverse_proxy': '{{upstreams 9001}}',
    };
    expect(routes(labels)).toEqual([
      { ...PLAIN, hosts: ['a.local'], port: 9000 },
      { ...PLAIN, hosts: ['b.local'], port: 9001 },
    ]);
  });
});

describe('Homepage', () => {
  it('says how a container is shown', () => {
    const labels = {
      'homepage.name': 'Code',
      'homepage.group': 'Dev',
      'homepage.icon': 'forgejo.png',
      'homepage.description': 'Git',
      'homepage.weight': '5',
      'homepage.href': 'http://elsewhere.example',
    };
    const model = read(labels);
    expect(model.services[0]!.display).toEqual({
      title: 'Code',
      group: 'Dev',
      icon: 'forgejo',
      description: 'Git',
      weight: 5,
    });
    expect(routes(labels)).toEqual([PLAIN]);
    expect(refusalsOf(model, 'web')).toEqual([]);
  });
});
