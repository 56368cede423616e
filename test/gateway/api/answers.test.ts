import { describe, expect, it } from 'vitest';
import { contextOf, modelOf, NOW, sourceOf, STATUS } from '../sample.ts';
import { ask } from './ask.ts';

const model = modelOf([
  { name: 'forgejo', port: 3000, hosts: ['forgejo.local', 'git.local'] },
  { name: 'old', state: 'stopped', exitCode: 137 },
  { name: 'db', refusals: [{ why: 'no-web-port', exposed: [5432], tried: [] }] },
]);
const context = contextOf(sourceOf(model));
const of = async (path: string, headers = {}) => (await ask(context, path, { headers })).json();

describe('/api/health', () => {
  it('is OK in plain text for whoever does not ask for JSON', async () => {
    const wildcard = { headers: { accept: '*/*' } };
    for (const asked of [{}, wildcard]) {
      const answer = await ask(context, '/api/health', asked);
      expect([answer.status, await answer.text()]).toEqual([200, 'OK']);
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    }
  });

  it('tells generations, ages and troubles as JSON', async () => {
    const trouble = { code: 'disk-full', message: 'm', remedy: 'r', since: NOW - 1_000 };
    const status = { ...STATUS, generation: { wanted: 8, served: 7 }, troubles: [trouble] };
    const troubled = contextOf(sourceOf(model, status));
    const answer = await ask(troubled, '/api/health', { headers: { accept: 'application/json' } });
    expect(await answer.json()).toMatchObject({
      status: 'degraded',
      generation: { wanted: 8, served: 7 },
      runtime: { reconciledSecondsAgo: 5, eventSecondsAgo: 2 },
      uptimeSeconds: 600,
      troubles: [{ code: 'disk-full', since: new Date(NOW - 1_000).toISOString() }],
    });
  });
});

describe('what the first gateway answered', () => {
  it('lists containers that hold an address, in its shape, hostId as a text', async () => {
    const [forgejo, db] = (await of('/api/containers')) as any[];
    expect(forgejo).toEqual({
      id: model.services[0]!.container.id,
      ip: '10.87.1.2',
      hostname: 'forgejo',
      ports: [3000],
      hostId: '1',
      createdAt: new Date(NOW - 86_400_000).toISOString(),
      ttl: 300,
    });
    expect(db.ports).toEqual([]);
    expect(await of('/api/containers')).toHaveLength(2);
  });

  it('answers an empty list as one', async () => {
    const empty = contextOf(sourceOf(modelOf([])));
    expect(await (await ask(empty, '/api/containers')).text()).toBe('[]\n');
    expect(await (await ask(empty, '/api/sync/status')).json()).toMatchObject({
      peers: [],
      local_containers: 0,
    });
  });

  it('finds a container by id, short id and address, and never by a part that is too short', async () => {
    const { id } = model.services[0]!.container;
    const found = await of(`/api/containers/${id}`);
    expect(found).not.toHaveProperty('ttl');
    expect(await of('/api/lookup/ip/10.87.1.2')).toEqual(found);
    // Twelve digits are the same for all of this test's containers: not one, so none.
    for (const part of [id.slice(0, 12), id.slice(0, 4)]) {
      expect(await of(`/api/containers/${part}`)).toEqual({ error: 'container not found', id: part });
    }
    expect(await of('/api/lookup/ip/10.87.1.77')).toEqual({ error: 'not found', ip: '10.87.1.77' });
  });

  it('has no peers', async () => {
    expect(await of('/api/sync/status')).toEqual({
      host_id: '1',
      peer_count: 0,
      peers: [],
      sync_interval: 30,
      sync_ttl: 300,
      local_containers: 2,
    });
    expect(await of('/api/escalation/states')).toEqual({});
    expect(await of('/api/escalation/stats')).toMatchObject({ total: 0, states: { P2P_ACTIVE: 0 } });
  });

  it('resets the address that it is told', async () => {
    const asked = { method: 'POST', from: '127.0.0.1' };
    const answer = await ask(context, '/api/escalation/reset?ip=10.100.2.10', asked);
    expect(await answer.json()).toEqual({ success: true, ip: '10.100.2.10', state: 'GATEWAY_ONLY' });
    expect(await (await ask(context, '/api/escalation/reset', asked)).json()).toEqual({
      error: 'ip parameter required',
    });
  });
});

describe('/api/explain', () => {
  it('says why in the language that is asked for', async () => {
    const english: any = await of('/api/explain?name=db');
    expect(english).toMatchObject({ outcome: 'not-served', refusals: [{ why: 'no-web-port' }] });
    expect(english.text.join(' ')).toContain('5432');
    const japanese: any = await of('/api/explain?name=db', { 'accept-language': 'ja' });
    expect(japanese.text.join('')).toMatch(/[ぁ-ん]/);
  });

  it('suggests the nearest name', async () => {
    expect(await of('/api/explain?host=forgeo.local')).toMatchObject({
      outcome: 'unknown',
      suggestions: ['forgejo.local'],
    });
  });
});

describe('/hosts', () => {
  it('has every name at the address by which the visitor came', async () => {
    const text = async (asked: object) => (await ask(context, '/hosts', asked)).text();
    expect(await text({ host: '192.168.10.77' })).toContain('\r\n192.168.10.77 git.local\r\n');
    expect(await text({ host: 'devbox', from: '192.168.10.9' })).toContain('192.168.10.1 forgejo.local');
    expect(await text({ host: 'devbox', from: '10.87.1.9' })).toContain('10.87.1.1 forgejo.local');
  });
});
