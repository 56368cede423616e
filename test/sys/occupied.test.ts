import type * as fs from 'node:fs';
import { beforeEach, expect, it, vi } from 'vitest';
import { occupiedNetns } from '../../src/sys/occupied.ts';
import type * as proc from '../../src/sys/proc.ts';

/** What stat() of a path fails with, for this process and its only thread. */
const failures = new Map<string, string>();

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const named = (code: string) => Object.assign(new Error(code), { code });
  return {
    ...real,
    readdirSync: (path: string) => [path.split('/')[2]],
    statSync: (path: string, options: { throwIfNoEntry?: boolean }) => {
      const code = failures.get(path);
      if (code === undefined) return { dev: 4n, ino: BigInt(path.split('/')[2] ?? 0) };
      if (code === 'ENOENT' && options.throwIfNoEntry === false) return undefined;
      throw named(code);
    },
  };
});

vi.mock('../../src/sys/proc.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof proc>()),
  processIds: () => [1, 7],
}));

const NETNS = '/proc/7/task/7/ns/net';

beforeEach(() => {
  failures.clear();
});

it('names the namespace of every thread', () => {
  expect([...occupiedNetns()]).toEqual(['4:1', '4:7']);
});

it.each(['ENOENT', 'ESRCH'])('takes %s for the end of a thread', (code) => {
  failures.set(NETNS, code);
  expect([...occupiedNetns()]).toEqual(['4:1']);
});

it('takes EACCES for it only where the thread is gone', () => {
  failures.set(NETNS, 'EACCES');
  expect(() => occupiedNetns()).toThrow('EACCES');
  failures.set('/proc/7/task/7', 'ENOENT');
  expect([...occupiedNetns()]).toEqual(['4:1']);
});

it('can do without the first process, which may show its namespace to nobody', () => {
  failures.set('/proc/1/ns/net', 'EACCES');
  expect([...occupiedNetns()]).toEqual(['4:7']);
});

it.each([
  [NETNS, 'EMFILE'],
  [NETNS, 'EPERM'],
  ['/proc/1/ns/net', 'ENOENT'],
])('says that it cannot tell where %s gives %s', (path, code) => {
  failures.set(path, code);
  expect(() => occupiedNetns()).toThrow(code);
});
