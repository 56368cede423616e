import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { askSocket } from '../../src/sys/socket-request.ts';
import { parseSocketInodes, socketHolders } from '../../src/sys/socket-holders.ts';

let root: string;
let server: Server;
let path: string;
beforeEach(async () => {
  root = mkdtempSync(`${tmpdir()}/socket-`);
  path = `${root}/socket`;
  server = createServer((request, response) => {
    if (request.url !== '/never') response.writeHead(request.url === '/' ? 200 : 404).end(request.url);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(root, { recursive: true, force: true });
});

it('askSocket() has status and body of an answer', async () => {
  expect(await askSocket(path, '/', 5_000)).toEqual({ status: 200, body: '/' });
  expect(await askSocket(path, '/a', 5_000)).toEqual({ status: 404, body: '/a' });
});

it('askSocket() has nothing where nobody listens, and from a server that does not answer', async () => {
  expect(await askSocket(`${root}/none`, '/', 5_000)).toBeUndefined();
  expect(await askSocket(path, '/never', 50)).toBeUndefined();
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
