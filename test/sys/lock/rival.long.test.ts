import { mkdtempSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as FileSystem from 'node:fs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { withLock } from '../../../src/sys/lock/lock.ts';

/** Runs right after a lock directory was made: the moment in which another process can get into it. */
const hook = vi.hoisted(() => ({ afterMkdir: null as ((directory: string) => void) | null }));

// No signal or schedule puts a rival into that moment on purpose.
vi.mock('node:fs', async (importOriginal) => {
  const actual = await importOriginal<typeof FileSystem>();
  const mkdirSync = (directory: string, options: object): void => {
    actual.mkdirSync(directory, options);
    hook.afterMkdir?.(directory);
  };
  return { ...actual, mkdirSync };
});

it('withLock() steps back for a holder that got into the same lock, and then works on what that one wrote', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'flatnet-lock-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const path = join(directory, 'number');
  writeFileSync(path, '0');
  hook.afterMkdir = (lock) => {
    hook.afterMkdir = null;
    const rival = join(lock, `${process.ppid}.0.0.rival.rival`);
    writeFileSync(rival, '5');
    setTimeout(() => {
      renameSync(rival, path);
      rmdirSync(lock);
    }, 50);
  };
  await withLock(path, { timeoutMs: 1500, label: 'add' }, (lease) => {
    lease.commit(Buffer.from(String(Number(readFileSync(path, 'utf8')) + 1)));
  });
  await vi.waitFor(() => {
    expect(readFileSync(path, 'utf8')).toBe('6');
  });
});
