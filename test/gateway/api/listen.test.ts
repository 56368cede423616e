import { linkSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '../../../src/gateway/api/app.ts';
import type { Door } from '../../../src/gateway/api/context.ts';
import { type Listener, listenTcp, listenUnix } from '../../../src/gateway/api/listen.ts';
import { contextOf, modelOf, sourceOf } from '../sample.ts';

let directory: string;
let open: Listener[];
const source = sourceOf(modelOf([{ name: 'forgejo' }]));
const apiAt = (door: Door) => createApi(contextOf(source), door);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flatnet-listen-'));
  open = [];
});
afterEach(async () => {
  for (const listener of open) await listener.close();
  rmSync(directory, { recursive: true });
});

async function tcp(address = '127.0.0.1', api = apiAt('lan')): Promise<Listener> {
  const listener = await listenTcp(api, { address, port: 0 });
  open.push(listener);
  return listener;
}

async function unix(name: string, mode = 0o600): Promise<string> {
  const path = join(directory, name);
  open.push(await listenUnix(apiAt(name === 'proxy' ? 'proxy' : 'own'), path, { mode }));
  return path;
}

interface Got {
  readonly status: number;
  readonly body: string;
}

function get(options: object): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asking = request(options, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (body += chunk));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body });
      });
    });
    asking.on('error', reject);
    asking.end();
  });
}

/** Sends bytes as they are, and gives back all that comes until the other end closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    let got = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (got += chunk));
    socket.on('close', () => {
      resolve(got);
    });
    socket.on('error', () => undefined);
    socket.write(text);
  });
}

describe('the TCP door', () => {
  it('takes the peer for the client, over IPv4 on a socket of both families', async () => {
    const { port } = await tcp('*');
    const answer = await get({
      host: '127.0.0.1',
      port,
      path: '/api/containers',
      headers: { host: 'localhost' },
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toHaveLength(1);
  });

  it('names the port that another program has, and how to find that program', async () => {
    const { port } = await tcp();
    await expect(listenTcp(apiAt('lan'), { address: '127.0.0.1', port })).rejects.toMatchObject({
      message: `Cannot listen on "127.0.0.1:${port}"`,
      details: expect.stringContaining(`ss -ltnp sport = :${port}`),
    });
  });

  it('refuses what is no HTTP, without a host, or with headers beyond measure', async () => {
    const { port } = await tcp();
    const large = `x: ${'y'.repeat(20_000)}\r\n`;
    expect(await raw(port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    expect(await raw(port, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    expect(await raw(port, `GET / HTTP/1.1\r\nHost: localhost\r\n${large}\r\n`)).toMatch(/^HTTP\/1\.1 431/);
    for (const method of ['TRACE', 'PROPFIND', 'PATCH']) {
      const answer = await raw(port, `${method} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      expect([method, answer.split('\r\n')[0]]).toEqual([
        method,
        expect.stringMatching(/ (405|500|501|400) /),
      ]);
    }
  });

  it('holds event streams, forgets those that break off, and ends the others at its close', async () => {
    const listener = await tcp();
    const options = {
      host: '127.0.0.1',
      port: listener.port,
      path: '/api/events',
      headers: { host: 'localhost' },
    };
    const breaking = request(options).end();
    breaking.on('error', () => undefined);
    await expect.poll(() => source.listeners.size).toBe(1);
    breaking.destroy();
    await expect.poll(() => source.listeners.size).toBe(0);
    const staying = get(options);
    await expect.poll(() => source.listeners.size).toBe(1);
    await listener.close();
    expect((await staying).body).toContain('event: snapshot');
    expect(source.listeners.size).toBe(0);
  });
});

describe('a door at a path', () => {
  it('has its mode from the first moment, and is gone afterwards', async () => {
    const own = await unix('own');
    expect(statSync(own).mode & 0o777).toBe(0o600);
    const proxy = await unix('proxy', 0o660);
    expect(statSync(proxy).mode & 0o777).toBe(0o660);
    for (const listener of open.splice(0)) await listener.close();
    expect(() => statSync(own)).toThrow('ENOENT');
  });

  it('lets root do everything, by any name', async () => {
    const socketPath = await unix('own');
    const asked = { socketPath, path: '/api/reconcile', method: 'POST', headers: { host: 'flatnetd' } };
    expect((await get(asked)).status).toBe(200);
  });

  it('believes nginx about the client', async () => {
    const socketPath = await unix('proxy', 0o660);
    const from = (address: string) =>
      get({ socketPath, path: '/api/routes', headers: { host: '192.168.10.1', 'x-real-ip': address } });
    expect((await from('192.168.10.9')).status).toBe(200);
    expect((await from('203.0.113.7')).status).toBe(403);
  });

  it('takes the place of a socket that nobody serves, and of no other one', async () => {
    const path = await unix('own');
    await expect(listenUnix(apiAt('own'), path, { mode: 0o600 })).rejects.toMatchObject({ kind: 'busy' });
    const left = join(directory, 'left');
    const first = await listenUnix(apiAt('own'), left, { mode: 0o600 });
    const copy = join(directory, 'kept');
    linkSync(left, copy);
    await first.close();
    renameSync(copy, left);
    open.push(await listenUnix(apiAt('own'), left, { mode: 0o600 }));
    expect((await get({ socketPath: left, path: '/health', headers: { host: 'x' } })).body).toBe('OK');
  });
});
