import { describe, expect, it } from 'vitest';
import { contextOf, modelOf, SETTINGS, sourceOf } from '../sample.ts';
import { ask, BROWSER } from './ask.ts';

const source = sourceOf(modelOf([{ name: 'forgejo', port: 3000 }]));
const context = contextOf(source);
const withToken = contextOf(source, { token: () => 'sesame-0123456789' });

describe('reading', () => {
  it.each([
    ['lan', '192.168.10.9', 200],
    ['lan', '::ffff:192.168.10.9', 200],
    ['lan', 'fd12::9%eth0', 200],
    ['lan', '127.0.0.1', 200],
    ['lan', '::1', 200],
    ['lan', '203.0.113.7', 403],
    ['lan', '2001:db8::7', 403],
    ['lan', null, 403],
    ['proxy', '192.168.10.9', 200],
    ['proxy', '203.0.113.7', 403],
    ['proxy', 'unix:', 403],
    ['proxy', null, 403],
    ['own', null, 200],
  ] as const)('at the door %s, a client %s gets %i', async (door, from, status) => {
    const answer = await ask(context, '/api/routes', { door, from });
    expect(answer.status).toBe(status);
    if (status === 403)
      expect(await answer.json()).toMatchObject({ remedy: expect.stringContaining('"api.read"') });
  });

  it('does not believe a client about itself, but one on this host that speaks for another', async () => {
    const forged = { 'x-real-ip': '127.0.0.1', 'x-forwarded-for': '127.0.0.1' };
    expect((await ask(context, '/api/routes', { from: '203.0.113.7', headers: forged })).status).toBe(403);
    for (const headers of [{ 'x-real-ip': '203.0.113.7' }, { 'x-forwarded-for': '10.0.0.1, 203.0.113.7' }]) {
      expect((await ask(context, '/api/routes', { from: '127.0.0.1', headers })).status).toBe(403);
    }
  });

  it('tells a browser in its words why it may not see the page', async () => {
    const answer = await ask(context, '/', { from: '203.0.113.7', headers: BROWSER });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await answer.text()).toMatch(/You may not see this page[\s\S]*203\.0\.113\.7/);
  });
});

describe('changing', () => {
  const change = (asked: Parameters<typeof ask>[2], of = context) =>
    ask(of, '/api/reconcile', { method: 'POST', ...asked });

  it.each([
    ['lan', '127.0.0.1', 200],
    ['lan', '10.100.2.1', 200],
    ['lan', '192.168.10.9', 403],
    ['proxy', '127.0.0.1', 200],
    ['proxy', '192.168.10.9', 403],
    ['own', null, 200],
  ] as const)('at the door %s, a client %s gets %i', async (door, from, status) => {
    const before = source.reconciled;
    expect((await change({ door, from })).status).toBe(status);
    expect(source.reconciled - before).toBe(status === 200 ? 1 : 0);
  });

  it('is open to the token, and to no other one', async () => {
    const send = (token: string, of = withToken) =>
      change({ headers: { authorization: `Bearer ${token}` } }, of);
    expect((await send('sesame-0123456789')).status).toBe(200);
    const wrong = await send('sesame-012345678');
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="flatnet"']);
    for (const token of [undefined, '']) {
      expect((await send('x', contextOf(source, { token: () => token }))).status).toBe(401);
    }
    expect((await change({}, withToken)).status).toBe(403);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another name of the same site', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['another port', { origin: 'http://192.168.10.1:3000' }],
    ['a document without origin', { origin: 'null' }],
  ])('is refused to a page of %s, whoever looks at it', async (_name, headers) => {
    const before = source.reconciled;
    expect((await change({ from: '127.0.0.1', headers })).status).toBe(403);
    expect(source.reconciled).toBe(before);
  });

  it('is open to a page of our own', async () => {
    const headers = { 'sec-fetch-site': 'same-origin', origin: 'http://192.168.10.1:8080' };
    expect((await change({ from: '127.0.0.1', host: '192.168.10.1:8080', headers })).status).toBe(200);
  });

  it('tells of a host that cannot be looked at', async () => {
    const failing = { ...source, reconcile: () => Promise.reject(new Error('Podman does not answer')) };
    const answer = await change({ from: '127.0.0.1' }, contextOf(failing));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ details: 'Podman does not answer' });
  });
});

describe('the name in Host', () => {
  it.each([
    '192.168.10.1:8080',
    '[fd00::1]:8080',
    'localhost',
    'devbox',
    'DEVBOX.local:8080',
    'flatnet.local',
    'forgejo.local:8080',
  ])('%s leads to the page', async (host) => {
    expect((await ask(context, '/', { host })).status).toBe(200);
  });

  it('of another site gets nothing but how to allow it: its pages could read what it gets', async () => {
    for (const door of ['lan', 'proxy'] as const) {
      for (const path of ['/', '/api/routes', '/api/events', '/hosts', '/error-page']) {
        const headers = { 'x-flatnet-route': 'forgejo', 'x-flatnet-status': '502' };
        const answer = await ask(context, path, { door, host: 'evil.example', headers });
        const body = await answer.text();
        expect([path, answer.status]).toEqual([path, 421]);
        expect(body).not.toMatch(/forgejo|10\.87\.|192\.168\./);
        expect(body).toContain('api.hosts');
      }
    }
  });

  it('may be one that the settings allow', async () => {
    const settings = { ...SETTINGS, api: { ...SETTINGS.api, hosts: ['gateway.example'] } };
    expect((await ask(contextOf(source, { settings }), '/', { host: 'gateway.example' })).status).toBe(200);
  });

  it.each(['a b', 'x/y', 'x@y', 'a'.repeat(300), '[fd00::1', 'x:123456'])('%j is none', async (host) => {
    const request = { door: 'proxy', host: 'devbox', headers: { host } } as const;
    expect((await ask(context, '/api/routes', request)).status).toBe(400);
  });

  it('counts for nothing at /health', async () => {
    const answer = await ask(context, '/health', { host: 'probe.example', from: '203.0.113.7' });
    expect([answer.status, await answer.text()]).toEqual([200, 'OK']);
  });
});

describe('limits and methods', () => {
  it.each([
    ['/api/containersXYZ', 404],
    ['/api/containers/', 404],
    ['/api/containers/x/y', 404],
    ['/api/status', 404],
    ['/API/containers', 404],
    ['//api/containers', 404],
    [`/api/routes?${'x'.repeat(3_000)}`, 414],
  ])('%.30s gets %i', async (path, status) => {
    expect((await ask(context, path)).status).toBe(status);
  });

  it.each([
    ['DELETE', '/api/containers', ['GET', 'HEAD']],
    ['POST', '/api/containers', ['GET', 'HEAD']],
    ['GET', '/api/reconcile', ['POST']],
    ['GET', '/api/escalation/reset', ['POST']],
    ['PUT', '/', ['GET', 'HEAD']],
    ['OPTIONS', '/api/routes', ['GET', 'HEAD']],
  ])('%s %s is told which methods there are', async (method, path, allowed) => {
    const answer = await ask(context, path, { method, from: '127.0.0.1' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed.join(', ')]);
    expect(await answer.json()).toEqual({ error: 'method not allowed', method, allowed });
  });

  it('takes a small body and no large one', async () => {
    const send = (body: string) =>
      ask(context, '/api/reconcile', { method: 'POST', from: '127.0.0.1', body });
    const length = (size: number) => ({ headers: { 'content-length': String(size) } });
    expect((await send('{}')).status).toBe(200);
    const asked = { method: 'POST', from: '127.0.0.1' } as const;
    expect((await ask(context, '/api/reconcile', { ...asked, ...length(20_000) })).status).toBe(413);
    const chunked = { headers: { 'transfer-encoding': 'chunked' } };
    expect((await ask(context, '/api/reconcile', { ...asked, ...chunked })).status).toBe(413);
  });

  it('answers HEAD as GET, without the body', async () => {
    for (const path of ['/health', '/api/health', '/api/containers', '/', '/hosts', '/api/nothing']) {
      const [head, get] = [await ask(context, path, { method: 'HEAD' }), await ask(context, path)];
      expect([path, head.status, await head.text()]).toEqual([path, get.status, '']);
      expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers));
    }
  });

  it('lets no other site read, frame or sniff any answer', async () => {
    const origin = { origin: 'http://evil.example' };
    for (const path of ['/', '/api/routes', '/health', '/api/none', '/api/events', '/assets/none']) {
      const { headers, body } = await ask(context, path, { headers: origin });
      await body?.cancel();
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('hides what went wrong inside, and tells the log', async () => {
    const faults: unknown[] = [];
    const broken = {
      ...source,
      current: () => {
        throw new Error('secret of the house');
      },
    };
    const of = contextOf(broken, { onFault: (error) => faults.push(error) });
    const answer = await ask(of, '/api/containers');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    expect(faults).toHaveLength(1);
  });
});
