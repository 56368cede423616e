import { describe, expect, it } from 'vitest';
import { createApi } from '../../../src/gateway/api/app.ts';
import { events } from '../../../src/gateway/api/events.ts';
import { createStreams } from '../../../src/gateway/api/streams.ts';
import { visitOf } from '../../../src/gateway/api/visit.ts';
import { contextOf, modelOf, sourceOf } from '../sample.ts';

const MODEL = modelOf([{ name: 'forgejo' }, { name: 'wiki' }]);
const CHANGED = modelOf([{ name: 'forgejo', state: 'unhealthy' }]);

/** Reads the texts of a stream one by one. */
function reading(answer: Response) {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  return {
    next: async () => (await reader.read()).value,
    end: () => reader.cancel(),
  };
}

function open(
  source: ReturnType<typeof sourceOf>,
  { heartbeat = 60_000, headers = {}, streams = createStreams() } = {},
) {
  const request = new Request('http://devbox/api/events', { headers });
  const call = { context: contextOf(source), visit: visitOf('own', request, undefined), params: {}, streams };
  return { answer: events(call, { heartbeat }), streams };
}

const dataOf = (text: string | undefined) => JSON.parse(/^data: (.*)$/m.exec(text ?? '')?.[1] ?? 'null');
const idOf = (text: string | undefined) => /^id: (.*)$/m.exec(text ?? '')?.[1];

describe('/api/events', () => {
  it('begins with everything, and goes on with what is different', async () => {
    const source = sourceOf(MODEL);
    const { answer } = open(source);
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const { next, end } = reading(answer);
    expect(await next()).toBe('retry: 2000\n\n');
    const first = await next();
    expect(first).toMatch(/^event: snapshot\nid: /);
    expect(dataOf(first).services.map(({ name }: any) => name)).toEqual(['forgejo', 'wiki']);
    const coming = next();
    source.publish({ model: CHANGED });
    const change = await coming;
    expect(change).toMatch(/^event: change\n/);
    expect(dataOf(change)).toMatchObject({
      revision: 2,
      services: [{ name: 'forgejo', state: 'unhealthy' }],
      removed: [MODEL.services[1]!.container.id],
    });
    await end();
  });

  it('loses no change to a client that is slow', async () => {
    const source = sourceOf(MODEL);
    const { next, end } = reading(open(source).answer);
    await next();
    await next();
    source.publish({ model: modelOf([]) });
    source.publish({ model: CHANGED });
    expect(dataOf(await next())).toMatchObject({ revision: 3, services: [{ state: 'unhealthy' }] });
    await end();
  });

  it('spares a client what it has, and only after the same start of the daemon', async () => {
    const source = sourceOf(MODEL);
    const first = reading(open(source).answer);
    await first.next();
    const id = idOf(await first.next())!;
    await first.end();
    const again = reading(open(source, { headers: { 'last-event-id': id } }).answer);
    await again.next();
    const coming = again.next();
    await expect.poll(() => source.listeners.size).toBe(1);
    source.publish({ model: CHANGED });
    expect(await coming).toMatch(/^event: change/);
    await again.end();
    const status = { ...source.current().status, startedAt: 1 };
    const restarted = reading(open(sourceOf(MODEL, status), { headers: { 'last-event-id': id } }).answer);
    await restarted.next();
    expect(await restarted.next()).toMatch(/^event: snapshot/);
    await restarted.end();
  });

  it('gives a sign of life', async () => {
    const { next, end } = reading(open(sourceOf(MODEL), { heartbeat: 1 }).answer);
    await next();
    await next();
    expect(await next()).toBe(': \n\n');
    await end();
  });

  it('forgets a client that goes, and frees its place', async () => {
    const source = sourceOf(MODEL);
    const streams = createStreams(1);
    const { next, end } = reading(open(source, { streams }).answer);
    await next();
    await next();
    const coming = next();
    await expect.poll(() => source.listeners.size).toBe(1);
    const full = open(source, { streams }).answer;
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '10']);
    await end();
    await coming;
    await expect.poll(() => source.listeners.size).toBe(0);
    expect(open(source, { streams }).answer.status).toBe(200);
  });

  it('subscribes to nothing for HEAD', async () => {
    const source = sourceOf(MODEL);
    const api = createApi(contextOf(source), 'own');
    const answer = await api.fetch(new Request('http://devbox/api/events', { method: 'HEAD' }));
    expect([answer.status, await answer.text(), source.listeners.size]).toEqual([200, '', 0]);
  });

  it('ends when the daemon does', async () => {
    const source = sourceOf(MODEL);
    const api = createApi(contextOf(source), 'own');
    const { next } = reading(await api.fetch(new Request('http://devbox/api/events')));
    await next();
    await next();
    const coming = next();
    await expect.poll(() => source.listeners.size).toBe(1);
    api.close();
    expect(await coming).toBeUndefined();
    expect(source.listeners.size).toBe(0);
  });
});
