import { describe, expect, it } from 'vitest';
import { renderGeneration } from '../../../src/gateway/nginx/render/generation.ts';
import { isAtLeast } from '../../../src/gateway/nginx/features.ts';
import { routeAt } from '../../../src/gateway/nginx/render/hosts.ts';
import { renderTestMain } from '../../../src/gateway/nginx/render/main.ts';
import { GOLDEN } from './cases.ts';
import { backend, DEBIAN_12, inputOf, model, route, WITH_LUA, withGateway } from './models.ts';

function wholeText(files: ReadonlyMap<string, string>): string {
  return [...files].map(([path, text]) => `===== ${path}\n${text}`).join('\n');
}

function fragmentOf(files: ReadonlyMap<string, string>, id: string): string {
  return files.get(`routes/${id}.conf`) ?? '';
}

describe('renderGeneration()', () => {
  it.each(Object.entries(GOLDEN))('writes the configuration "%s" as it is kept', async (name, golden) => {
    const files = renderGeneration(golden.model, golden.input);
    await expect(wholeText(files)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it("contains each line of the first gateway's guide, in its order", () => {
    const { model: forgejo, input } = GOLDEN['first-gateway']!;
    const lines = fragmentOf(renderGeneration(forgejo, input), 'forgejo')
      .split('\n')
      .map((line) => line.trim());
    const guide = [
      'upstream flatnet_forgejo {',
      'server 10.87.1.2:3000;',
      '}',
      'server {',
      'listen 80;',
      'server_name forgejo.local;',
      'location / {',
      'proxy_pass http://flatnet_forgejo;',
      'proxy_http_version 1.1;',
      'proxy_set_header Host $host;',
      'proxy_set_header X-Real-IP $remote_addr;',
      'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
      'proxy_set_header X-Forwarded-Proto $scheme;',
      'proxy_set_header Upgrade $http_upgrade;',
      'proxy_set_header Connection "upgrade";',
      '}',
    ];
    const places = guide.map((line) => lines.indexOf(line));
    expect(places).not.toContain(-1);
    expect(lines.filter((line) => guide.includes(line)).slice(0, guide.length - 1)).toEqual(
      guide.slice(0, -1),
    );
  });

  it('writes no address of a container into a place where a change would need a reload, with Lua', () => {
    const input = inputOf({ features: WITH_LUA });
    const [one, other] = ['10.87.1.2', '10.87.1.77'].map((address) =>
      renderGeneration(model([route('web', { backends: [backend(address, 80)] })], [address]), input),
    );
    const changed = [...one!].filter(([path, text]) => other!.get(path) !== text).map(([path]) => path);
    expect(changed).toEqual(['routes/web.conf']);
    expect(one!.get('routes/web.conf')).toBe(
      other!.get('routes/web.conf')!.replace('10.87.1.77', '10.87.1.2'),
    );
  });

  it('writes directives only for the versions that know them', () => {
    const tls = { certificate: '/etc/flatnet/tls/a.pem', key: '/etc/flatnet/tls/a.key' };
    const textFor = (version: string) =>
      wholeText(
        renderGeneration(model([route('web')]), inputOf({ features: { ...DEBIAN_12, version }, tls })),
      );
    expect(textFor('1.22.1')).toContain('listen 443 ssl http2;');
    expect(textFor('1.22.1')).not.toMatch(/keepalive_min_timeout|keepalive 0|http2 on/);
    expect(textFor('1.27.4')).toContain('keepalive_min_timeout 5s;');
    expect(textFor('1.27.4')).toContain('http2 on;');
    expect(textFor('1.27.4')).not.toMatch(/ssl http2|keepalive 0/);
    expect(textFor('1.29.7')).toContain('keepalive 0;');
  });

  it('makes room for long host names, which would stop nginx', () => {
    const label = 'a'.repeat(63);
    const host = [label, label, label, 'local'].join('.');
    const files = renderGeneration(model([route('web', { hosts: [host] })]), inputOf());
    expect(files.get('flatnet.conf')).toContain('server_names_hash_bucket_size 256;');
  });

  it('serves a host that a route has twice, which nginx would refuse', () => {
    const files = renderGeneration(model([route('web', { hosts: ['a.local', 'a.local'] })]), inputOf());
    expect(fragmentOf(files, 'web').match(/location \//g)).toHaveLength(1);
  });

  it('writes addresses in the spelling that nginx takes', () => {
    const odd = route('web', {
      backends: [backend('0:0:0:0:0:0:0::', 80)],
      options: { access: ['FD00:0::/8'] },
    });
    const text = fragmentOf(renderGeneration(model([odd]), inputOf()), 'web');
    expect(text).toContain('server [::]:80;');
    expect(text).toContain('allow fd00::/8;');
  });

  it('writes absolute names for a Windows host', () => {
    const places = {
      root: 'F:/flatnet/config/',
      sites: 'conf.d/',
      api: '172.29.0.2:8080',
      proof: '127.0.0.1:8089',
      table: 'F:/flatnet/config/table',
      lua: 'F:/flatnet/config/lualib',
      pid: 'F:/flatnet/logs/nginx.pid',
      errorLog: 'F:/flatnet/logs/error.log',
      accessLog: 'F:/flatnet/logs/access.log',
      temp: undefined,
    };
    const features = { ...WITH_LUA, version: '1.27.1', modules: [], user: undefined };
    const files = renderGeneration(model([route('web')]), inputOf({ places, features }));
    expect(files.get('nginx.conf')).toContain('include F:/flatnet/config/conf.d/routes/*.conf;');
    expect(files.get('conf.d/routes/web.conf')).toContain('include F:/flatnet/config/parts/errors.conf;');
    expect(wholeText(files)).not.toMatch(/unix:|\/var\/|\/run\/|\buser\b/);
  });

  it.each([
    ['a directive in a host', { hosts: ['a.local; return 200'] }],
    ['a line end in a host', { hosts: ['a.local\n'] }],
    ['a brace in a path', { path: '/}/' }],
    ['a path without its last slash', { path: '/api' }],
    ['a path that climbs', { path: '/../' }],
    ['a host name as address', { backends: [backend('internal.example', 80)] }],
    ['a port beyond all', { backends: [backend('10.87.1.2', 65_536)] }],
    ['no container at all', { backends: [] }],
    ['a network with a directive', { options: { access: ['10.0.0.0/8; allow all'] } }],
    ['a password file elsewhere', { options: { auth: '../shadow' } }],
    ['a negative limit', { options: { bodyLimit: -1 } }],
    ['a timeout of nothing', { options: { timeout: 0 } }],
  ])('refuses %s, and names the route', (_what, parts) => {
    const render = () => renderGeneration(model([route('good'), route('bad', parts)]), inputOf());
    expect(render).toThrow(expect.objectContaining({ name: 'UnrenderableRoute', route: 'bad' }));
  });

  it('refuses a name that cannot be one of an upstream', () => {
    expect(() => renderGeneration(model([route('a b', { hosts: ['a.local'] })]), inputOf())).toThrow(
      'the name',
    );
  });

  it('refuses a second route for a host and path', () => {
    const both = [route('one', { hosts: ['a.local'] }), route('two', { hosts: ['b.local', 'a.local'] })];
    expect(() => renderGeneration(model(both), inputOf())).toThrow(expect.objectContaining({ route: 'two' }));
  });

  it.each([
    ['the domain', { domain: 'flatnet.local; }' }],
    ['the network', { trustedProxies: ['all'] }],
    ['the address', { listen: [{ address: 'lan', port: 80 }] }],
    ['the port', { listen: [{ address: '*', port: 0 }] }],
  ])('refuses a setting: %s', (what, gateway) => {
    const render = () => renderGeneration(model([]), inputOf({ settings: withGateway(gateway) }));
    expect(render).toThrow(what);
  });
});

describe('routeAt()', () => {
  const { model: shared, input } = GOLDEN['shared-host']!;
  const text = fragmentOf(renderGeneration(shared, input), 'shop');
  const lineOf = (part: string) => text.split('\n').findIndex((line) => line.includes(part)) + 1;

  it('names the route of an upstream', () => {
    expect(routeAt(text, lineOf('server 10.87.1.9:8080'))).toBe('shop');
  });

  it('names the route of a location in the file of another', () => {
    expect(routeAt(text, lineOf('location /api/v2.0/') + 3)).toBe('shop--v2');
    expect(routeAt(text, lineOf('location /api/ {'))).toBe('shop--api');
  });

  it('names none for a line that several share', () => {
    expect(routeAt(text, lineOf('server_name'))).toBeUndefined();
  });
});

describe('renderTestMain()', () => {
  it('shares no file with the nginx that runs', () => {
    const text = renderTestMain(inputOf());
    expect(text).toContain('pid /run/flatnetd/nginx/nginx.pid.test;');
    expect(text).toContain('error_log stderr;');
    expect(text).toContain('access_log off;');
  });
});

describe('isAtLeast()', () => {
  it.each([
    ['1.22.1', '1.27.4', false],
    ['1.27.4', '1.27.4', true],
    ['1.28.0', '1.27.4', true],
    ['2.0.0', '1.27.4', true],
    ['1.9.15', '1.22.1', false],
  ])('says of %s and %s: %s', (version, least, expected) => {
    expect(isAtLeast({ version }, least)).toBe(expected);
  });
});
