import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { followSocket, isAbsentService, requestSocket } from '../../src/sys/socket-http.ts';
import { parseSocketInodes, socketHolders } from '../../src/sys/socket-holders.ts';

let root: string;
let server: Server;
let path: string;
beforeEach(async () => {
  root = mkdtempSync(`${tmpdir()}/socket-`);
  path = `${root}/socket`;
  server = createServer((request, response) => {
    if (request.url === '/lines') {
      response.write('one\ntw');
      response.end('o\nrest');
    } else if (request.url !== '/never') response.writeHead(request.url === '/' ? 200 : 404).end(request.url);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(root, { recursive: true, force: true });
});

it('requestSocket() has status and body of an answer, whatever the status', async () => {
  expect(await requestSocket({ socket: path, path: '/', timeoutMs: 5_000 })).toEqual({
    status: 200,
    body: '/',
  });
  expect(await requestSocket({ socket: path, path: '/a', timeoutMs: 5_000 })).toEqual({
    status: 404,
    body: '/a',
  });
});

it('requestSocket() tells a service that is not there from one that does not answer', async () => {
  const absent: unknown = await requestSocket({ socket: `${root}/none`, path: '/', timeoutMs: 5_000 }).catch(
    (error: unknown) => error,
  );
  expect(isAbsentService(absent)).toBe(true);
  const silent: unknown = await requestSocket({ socket: path, path: '/never', timeoutMs: 50 }).catch(
    (error: unknown) => error,
  );
  expect(isAbsentService(silent)).toBe(false);
  expect(String(silent)).toContain('did not answer "/never" within 0.05 s');
});

it('followSocket() hands on whole lines, ends with the answer or the signal, and refuses another status', async () => {
  const lines: string[] = [];
  const ended = new AbortController();
  const follow = (asked: string) =>
    followSocket({ socket: path, path: asked }, ended.signal, (line) => lines.push(line));
  await follow('/lines');
  expect(lines).toEqual(['one', 'two']);
  await expect(follow('/a')).rejects.toThrow('with 404');
  const endless = follow('/never');
  ended.abort();
  await endless.catch(() => undefined);
  expect(lines).toEqual(['one', 'two']);
});

it('socketHolders() finds the processes that have a socket open', () => {
  expect(socketHolders(path)).toContain(process.pid);
  expect(socketHolders(`${root}/none`)).toEqual([]);
});

it('parseSocketInodes() takes whole paths', () => {
  const table = [
    'Num       RefCount Protocol Flags    Type St Inode Path',
    '0000000000000000: 00000002 00000000 00010000 0001 01 11 /run/proof.sock',
    '0000000000000000: 00000002 00000000 00010000 0001 01 12 /run/proof.sock.2',
    '0000000000000000: 00000003 00000000 00000000 0001 03 13',
  ].join('\n');
  expect(parseSocketInodes(table, '/run/proof.sock')).toEqual(['11']);
});
