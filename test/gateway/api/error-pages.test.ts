import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RouteState } from '../../../src/gateway/model.ts';
import { contextOf, modelOf, sourceOf, type Spec } from '../sample.ts';
import { ask, BROWSER } from './ask.ts';

const SERVICES: readonly Spec[] = [
  { name: 'forgejo', title: 'Forgejo', port: 3000 },
  { name: 'wiki', title: 'Wiki', port: 80 },
  { name: 'db', refusals: [{ why: 'no-web-port', exposed: [5432], tried: [] }] },
];

function contextIn(state: RouteState, more: Partial<Spec> = {}) {
  return contextOf(sourceOf(modelOf([{ ...SERVICES[0]!, state, ...more }, ...SERVICES.slice(1)])));
}

interface Failed {
  readonly status?: number;
  readonly route?: string;
  readonly host?: string;
  readonly from?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks as nginx does when it could not reach a container. */
function failed(context: ReturnType<typeof contextOf>, how: Failed = {}) {
  const {
    status = 502,
    route = 'forgejo',
    host = 'forgejo.local',
    from = '192.168.10.9',
    method = 'GET',
  } = how;
  const own = { 'x-flatnet-route': route, 'x-flatnet-status': String(status), 'x-forwarded-proto': 'http' };
  const headers = { ...BROWSER, ...own, ...how.headers };
  return ask(context, '/error-page', { door: 'proxy', host, from, method, headers });
}

describe('the error page of a service', () => {
  it.each([
    ['starting', 502, 503, '2', 'Forgejo is starting'],
    ['unhealthy', 504, 503, '5', 'Forgejo is not well'],
    ['paused', 504, 503, '10', 'Forgejo is paused'],
    ['stopped', 502, 503, '10', 'Forgejo is stopped'],
    ['ready', 502, 502, '3', 'Forgejo cannot be reached'],
    ['ready', 503, 502, '3', 'Forgejo cannot be reached'],
    ['ready', 504, 504, null, 'Forgejo does not answer'],
  ] as const)('that is %s, after nginx’s %i: %i', async (state, status, expected, retry, title) => {
    const answer = await failed(contextIn(state), { status });
    const body = await answer.text();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([expected, retry]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(body).toContain(`${title}</h1>`);
    const again = /<meta http-equiv="refresh" content="(\d+)"/.exec(body)?.[1] ?? null;
    expect(again).toBe(retry);
  });

  it('tells since when, why that port, what to do, and the way to all services', async () => {
    const body = await (await failed(contextIn('stopped', { exitCode: 137, ago: 180_000 }))).text();
    for (const told of [
      '3 min ago',
      '137',
      '10.87.1.2:3000',
      'podman start forgejo',
      'http://192.168.10.1/',
    ]) {
      expect(body).toContain(told);
    }
  });

  it('tells a guest of the service its state, and nothing of the inside', async () => {
    const body = await (await failed(contextIn('stopped'), { from: '203.0.113.7' })).text();
    expect(body).toContain('Forgejo is stopped');
    expect(body).not.toMatch(/10\.87\.|podman|192\.168\./);
  });

  it('is JSON for a program', async () => {
    const answer = await failed(contextIn('starting'), { headers: { accept: 'application/json' } });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await answer.json()).toMatchObject({
      error: 'starting',
      host: 'forgejo.local',
      state: 'starting',
    });
  });

  it('is in the visitor’s language', async () => {
    const answer = await failed(contextIn('starting'), { headers: { 'accept-language': 'ja,en;q=0.5' } });
    expect(answer.headers.get('content-language')).toBe('ja');
    expect(await answer.text()).toMatch(/<html lang="ja">[\s\S]*Forgejo は起動中です/);
  });

  it.each([
    ['POST', {}],
    ['GET', { 'x-flatnet-method': 'POST' }],
  ])('does not try again by itself what was sent (%s)', async (method, headers) => {
    const body = await (await failed(contextIn('starting'), { method, headers })).text();
    expect(body).not.toContain('http-equiv="refresh"');
    expect(body).toContain('may not have arrived');
  });

  it('answers HEAD with the status alone', async () => {
    const answer = await failed(contextIn('stopped'), { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([503, '']);
  });

  it('asks for no file: every path there is the application’s', async () => {
    const answer = await failed(contextIn('stopped'));
    const body = await answer.text();
    expect(body).not.toMatch(/<script|<link[^>]+stylesheet|src=|url\(/);
    expect(body).toContain('<link rel="icon" type="image/svg+xml" href="data:');
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(answer.headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`);
  });

  it('believes no header about the route that Host does not bear out', async () => {
    const body = await (await failed(contextIn('stopped'), { route: 'wiki' })).text();
    expect(body).not.toContain('Wiki');
  });

  it('tells of a service that has just gone', async () => {
    const answer = await failed(contextIn('ready'), { route: 'gone', host: 'gone.local' });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('gone.local is no longer served');
  });

  it('tells of an address where nothing answers', async () => {
    const host = '10-87-1-4.flatnet.local';
    const answer = await failed(contextIn('ready'), { route: '', host });
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain(`${host} cannot be reached`);
  });
});

describe('a name that nginx does not know', () => {
  const visit = (host: string, more: object = {}) =>
    ask(contextIn('ready'), '/some/path', { door: 'proxy', host, headers: BROWSER, ...more });

  it('gets the nearest names', async () => {
    const answer = await visit('forgeo.local');
    expect(answer.status).toBe(404);
    expect(await answer.text()).toMatch(/Did you mean[\s\S]*<a href="http:\/\/forgejo\.local\/">/);
  });

  it('gets none of them for a client that may not read', async () => {
    const body = await (await visit('forgeo.local', { from: '203.0.113.7' })).text();
    expect(body).toContain('Nothing is called forgeo.local');
    expect(body).not.toContain('forgejo');
  });

  it('is told why its container is not served', async () => {
    const answer = await visit('db.local');
    expect(answer.status).toBe(404);
    expect(await answer.text()).toMatch(/db\.local is not served[\s\S]*5432/);
  });

  it('is asked for patience where nginx is about to know it', async () => {
    const answer = await visit('wiki.local');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
  });

  it('is JSON for a program', async () => {
    const answer = await visit('forgeo.local', { headers: { accept: '*/*' }, method: 'POST' });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: 'no such host', suggestions: ['forgejo.local'] });
  });
});

describe('a path that the gateway’s own page does not have', () => {
  it('is a page for a browser, and JSON below /api', async () => {
    const page = await ask(contextIn('ready'), '/nothing', { headers: BROWSER });
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    const api = await ask(contextIn('ready'), '/api/nothing', { headers: BROWSER });
    expect(await api.json()).toEqual({ error: 'not found', path: '/api/nothing' });
  });
});
