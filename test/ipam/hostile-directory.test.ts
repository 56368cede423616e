import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore, parsePool, type Store } from '../../src/ipam/index.ts';
import { attachment, rejected, temporaryDirectory } from './fixtures.ts';

const pool = parsePool({ network: 'n' });

/** What an attacker, or an administrator in error, puts in a place. `target` is a directory with a file of somebody's. */
const KINDS: Readonly<Record<string, (path: string, target: string) => void>> = {
  'a link to a directory': (path, target) => {
    symlinkSync(target, path);
  },
  'a link to a file': (path, target) => {
    symlinkSync(join(target, 'file'), path);
  },
  'a link to nothing': (path) => {
    symlinkSync('/nonexistent/directory/file', path);
  },
  'a fifo': (path) => execFileSync('mkfifo', [path]),
  'a file': (path) => {
    writeFileSync(path, 'x');
  },
  'a directory': (path) => mkdirSync(join(path, 'inside'), { recursive: true }),
};

function place() {
  const directory = temporaryDirectory();
  const target = join(directory, 'target');
  const dataDir = join(directory, 'ipam');
  mkdirSync(target);
  writeFileSync(join(target, 'file'), 'secret');
  const store = openStore({ dataDir, bootId: 'boot-1', lockTimeoutMs: 10_000 });
  return {
    target,
    dataDir,
    store,
    file: join(dataDir, 'allocations.json'),
    lock: join(dataDir, 'allocations.json.lock'),
    untouched: () => {
      expect(readdirSync(target)).toEqual(['file']);
      expect(readFileSync(join(target, 'file'), 'utf8')).toBe('secret');
    },
  };
}

const kinds = (...without: readonly string[]) => Object.keys(KINDS).filter((kind) => !without.includes(kind));
const put = (kind: string, path: string, target: string) => {
  KINDS[kind]!(path, target);
};

/** One call of each kind that takes the lock. */
const changes = (store: Store) => [
  store.allocate({ attachment: attachment('a'), pool }),
  store.release(attachment('a')),
];

async function expectRefused(calls: readonly Promise<unknown>[], what: string): Promise<void> {
  for (const call of calls) {
    const error = await rejected(call);
    expect(error).toMatchObject({ kind: 'io', details: expect.stringContaining('Move away what is there') });
    expect(error.message).toContain(what);
  }
}

describe('a store refuses, with code and remedy,', () => {
  it.each(kinds('a directory'))('%s in place of its directory', async (kind) => {
    const { dataDir, store, target, untouched } = place();
    put(kind, dataDir, target);
    await expectRefused([...changes(store), store.list()], `"${dataDir}" is `);
    untouched();
  });

  it.each(kinds('a file'))('%s in place of its file', async (kind) => {
    const { dataDir, file, store, target, untouched } = place();
    mkdirSync(dataDir, { mode: 0o700 });
    put(kind, file, target);
    await expectRefused([...changes(store), store.list()], `"${file}" is `);
    expect(readdirSync(dataDir)).toEqual(['allocations.json']);
    untouched();
  });

  it.each(kinds('a directory'))('%s in place of its lock', async (kind) => {
    const { dataDir, lock, store, target, untouched } = place();
    mkdirSync(dataDir, { mode: 0o700 });
    put(kind, lock, target);
    await expectRefused(changes(store), `"${lock}" is not a directory`);
    expect(await store.list()).toEqual([]);
    untouched();
  });

  it('a directory in place of the temporary file of another process', { timeout: 60_000 }, async () => {
    const { lock, store } = place();
    mkdirSync(join(lock, 'token'), { recursive: true, mode: 0o700 });
    chmodSync(join(lock, '..'), 0o700);
    const error = await rejected(store.allocate({ attachment: attachment('a'), pool }));
    expect(error).toMatchObject({ kind: 'io', details: expect.stringContaining('directory') });
    expect(error.message).toContain(`${lock}/token`);
  });

  it.each([0o777, 0o1777, 0o770, 0o702])('a directory of mode %o, which others can write', async (mode) => {
    const { dataDir, store } = place();
    mkdirSync(dataDir);
    chmodSync(dataDir, mode);
    for (const call of [
      store.allocate({ attachment: attachment('a'), pool }),
      store.release(attachment('a')),
      store.list(),
    ]) {
      expect((await rejected(call)).message).toContain('can be written by other users');
    }
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('a path that leads through a file', async () => {
    const { target } = place();
    const store = openStore({ dataDir: join(target, 'file/ipam'), bootId: 'boot-1' });
    expect(await rejected(store.allocate({ attachment: attachment('a'), pool }))).toMatchObject({
      kind: 'io',
      details: expect.stringContaining('A file is in the place of a directory'),
    });
  });
});

describe('a store removes, and never follows,', () => {
  it(
    'links, fifos and files in place of the temporary files of other processes',
    { timeout: 60_000 },
    async () => {
      const { dataDir, lock, store, target, untouched } = place();
      mkdirSync(lock, { recursive: true, mode: 0o700 });
      chmodSync(dataDir, 0o700);
      for (const kind of kinds('a directory')) put(kind, join(lock, kind), target);
      const { allocations } = await store.allocate({ attachment: attachment('a'), pool });
      expect(allocations[0]?.address).toBe('10.87.1.2');
      expect(readdirSync(dataDir)).toEqual(['allocations.json']);
      untouched();
      rmSync(dataDir, { recursive: true });
    },
  );
});
