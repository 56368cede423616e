import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { run } from '../../conformance/exec.ts';
import { ensureExecutable } from '../executable.ts';
import { createLab, type Lab } from './lab.ts';

/*
 * What images resolve names with: glibc (Debian, Fedora), musl (Alpine), busybox's own (small images). They differ in what they ask
 * at once, in how they search, and in what they take for an answer.
 */

const SOURCE = join(import.meta.dirname, '../fixtures/lookup.c');

let directory: string;
let lab: Lab;

beforeAll(async () => {
  await ensureExecutable();
  directory = await mkdtemp(join(tmpdir(), 'flatnet-resolvers-'));
  await run(['musl-gcc', '-static', '-o', `${directory}/musl`, SOURCE]);
}, 120_000);
afterAll(() => rm(directory, { recursive: true }));
beforeEach(async () => {
  lab = await createLab();
});
afterEach(() => lab.dispose());

const RESOLVERS: Readonly<Record<string, (name: string) => readonly string[]>> = {
  glibc: (name) => ['getent', 'ahostsv4', name],
  'glibc, any family': (name) => ['getent', 'hosts', name],
  musl: (name) => [`${directory}/musl`, name],
  busybox: (name) => ['busybox', 'nslookup', '-type=a', name],
};

it('finds the same by every resolver that images have', async () => {
  const { dns } = await lab.add('web', { aliases: ['www'] });
  await lab.add('db');
  const lines = [
    `search ${dns.search[0]}`,
    ...dns.nameservers.map((server: string) => `nameserver ${server}`),
  ];
  await writeFile(lab.host.file('/etc/resolv.conf'), `${lines.join('\n')}\n`);
  const from = lab.box('db');
  for (const [resolver, ask] of Object.entries(RESOLVERS)) {
    for (const name of ['web', 'WEB', 'www', 'web.flatnet']) {
      const { stdout } = await from.exec(ask(name));
      expect([resolver, name, stdout]).toEqual([resolver, name, expect.stringContaining('10.87.1.2')]);
    }
    const { exitCode } = await from.exec(ask('nobody.flatnet'));
    expect([resolver, exitCode === 0]).toEqual([resolver, false]);
  }
  expect((await from.exec(['getent', 'hosts', '10.87.1.2'])).stdout).toMatch(/\bweb\.flatnet\b/);
});
