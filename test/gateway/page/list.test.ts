import { describe, expect, it } from 'vitest';
import { contextOf, modelOf, NOW, SETTINGS, sourceOf, STATUS } from '../sample.ts';
import { ask, BROWSER } from '../api/ask.ts';

const MODEL = modelOf([
  {
    name: 'forgejo',
    title: 'Forgejo',
    group: 'Development',
    port: 3000,
    hosts: ['forgejo.local', 'git.local'],
  },
  { name: 'ci', group: 'Development', state: 'starting', ago: 12_000 },
  { name: 'wiki', title: 'Wiki' },
  { name: 'old', state: 'stopped', exitCode: 1 },
  { name: 'db', refusals: [{ why: 'no-web-port', exposed: [5432], tried: [] }] },
]);

type Asked = Parameters<typeof ask>[2];
const context = contextOf(sourceOf(MODEL));
const show = async (asked: NonNullable<Asked> = {}, path = '/', of = context) =>
  (await ask(of, path, { ...asked, headers: { ...BROWSER, ...asked.headers } })).text();

describe('the page', () => {
  it('has every served container as a link, with state, address and reason', async () => {
    const body = await show();
    expect(body).toMatch(/<a class="go" href="http:\/\/forgejo\.local\/"><bdi>Forgejo<\/bdi>/);
    for (const told of [
      '10.87.1.2:3000',
      'starting (12 s)',
      'exit 1',
      'git.local',
      'the only exposed port',
      'devbox',
    ]) {
      expect(body).toContain(told);
    }
  });

  it('has what is not served as well, with the reason', async () => {
    const body = await show();
    expect(body).toMatch(/id="not-served"[\s\S]*<bdi>db<\/bdi>[\s\S]*5432/);
    expect(body).not.toContain('http://db.local');
  });

  it.each([
    ['through nginx', { door: 'proxy', host: 'devbox' }, 'http://forgejo.local/'],
    ['through nginx, by another port', { door: 'proxy', host: 'devbox:8880' }, 'http://forgejo.local:8880/'],
    [
      'through nginx, by TLS',
      { door: 'proxy', host: 'devbox', headers: { 'x-forwarded-proto': 'https' } },
      'https://forgejo.local/',
    ],
    ['by the API’s port', { door: 'lan', host: 'devbox:8080' }, 'http://forgejo.local/'],
    [
      'by the API’s port, claiming TLS',
      { host: 'devbox:8080', headers: { 'x-forwarded-proto': 'https' } },
      'http://forgejo.local/',
    ],
  ] as const)('links for who came %s', async (_name, asked, expected) => {
    expect(await show(asked)).toContain(`href="${expected}"`);
  });

  it('links to the port where the gateway listens', async () => {
    const gateway = { ...SETTINGS.gateway, listen: [{ address: '*', port: 8880 }] };
    const other = contextOf(sourceOf(MODEL), { settings: { ...SETTINGS, gateway } });
    expect(await show({ host: 'devbox:8080' }, '/', other)).toContain('href="http://forgejo.local:8880/"');
  });

  it('searches without script', async () => {
    const body = await show({}, '/?q=GIT+forge');
    expect(body).toContain('forgejo.local');
    expect(body).not.toContain('wiki.local');
    expect(await show({}, '/?q=nothing-of-that')).toContain('Nothing here matches “nothing-of-that”');
  });

  it.each([
    ['ja', '/', '<html lang="ja">'],
    ['de,ja;q=0.4,en;q=0.8', '/', '<html lang="en">'],
    ['ja;q=0, en;q=0.1', '/', '<html lang="en">'],
    ['en', '/?lang=ja', '<html lang="ja">'],
    ['ja', '/?lang=xx', '<html lang="ja">'],
  ])('speaks by Accept-Language %s at %s', async (accepted, path, expected) => {
    expect(await show({ headers: { 'accept-language': accepted } }, path)).toContain(expected);
  });

  it('is grey with its age where the last look is old', async () => {
    const runtime = { ...STATUS.runtime, reconciledAt: NOW - 300_000 };
    const body = await show({}, '/', contextOf(sourceOf(MODEL, { ...STATUS, runtime })));
    expect(body).toMatch(/class="is-old"[\s\S]*last seen 5 min ago/);
    expect(await show()).not.toContain('is-old"');
  });

  it('has troubles on top, with what to do', async () => {
    const trouble = {
      code: 'port-taken',
      message: 'Port 80 is taken',
      remedy: 'ss -ltnp',
      since: NOW - 60_000,
    };
    const body = await show({}, '/', contextOf(sourceOf(MODEL, { ...STATUS, troubles: [trouble] })));
    expect(body).toMatch(/Port 80 is taken[\s\S]*ss -ltnp[\s\S]*class="card/);
  });

  it('tells how to start where nothing is served', async () => {
    expect(await show({}, '/', contextOf(sourceOf(modelOf([]))))).toContain('podman run -d --name hello');
  });

  it('offers lines for the hosts file to who came by an address, and only then', async () => {
    expect(await show({ host: '192.168.10.1' })).toContain('href="/hosts"');
    expect(await show({ host: '192.168.10.1' })).toContain('id="names-hint"');
    expect(await show({ host: 'devbox' })).not.toContain('id="names-hint"');
  });

  it('has nothing inline, and asks nothing of anybody else', async () => {
    const answer = await ask(context, '/', { headers: BROWSER });
    const body = await answer.text();
    expect(answer.headers.get('content-security-policy')).toMatch(/script-src 'self'/);
    expect(body).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]+src="\/assets\/)/);
    const files = [...body.matchAll(/(?:src|<link[^>]+href)="([^"]+)"/g)].map((match) => match[1]!);
    for (const file of files) {
      const asset = await ask(context, file);
      expect([file, asset.status]).toEqual([file, 200]);
      expect(asset.headers.get('cache-control')).toContain('immutable');
    }
    expect(files).toHaveLength(3);
  });

  it('shows how to trust the certificates where there are some', async () => {
    const certificate = '-----BEGIN CERTIFICATE-----\n';
    const secure = contextOf(sourceOf(MODEL), { caCertificate: () => certificate });
    expect(await show({}, '/ca', secure)).toContain('href="/ca.crt"');
    expect(await show({}, '/ca.crt', secure)).toBe(certificate);
    expect(await show({}, '/ca')).toContain('plain HTTP');
  });
});
