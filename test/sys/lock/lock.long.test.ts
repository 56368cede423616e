import { spawn, type ChildProcessByStdio } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LockTimeout, withLock } from '../../../src/sys/lock/lock.ts';
import { UnsafePath } from '../../../src/sys/files/state-file.ts';

const WORKER = join(import.meta.dirname, 'worker.ts');
const HOUR = 3_600_000;

function counter(): string {
  const directory = mkdtempSync(join(tmpdir(), 'flatnet-lock-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  writeFileSync(join(directory, 'number'), '0');
  return join(directory, 'number');
}

interface Worker {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** Resolves when the worker has said the word that many times. */
  readonly said: (word: string, times?: number) => Promise<void>;
  readonly ended: Promise<number | null>;
}

function work(path: string, ...args: readonly string[]): Worker {
  const child = spawn(process.execPath, [WORKER, path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const words: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines = createInterface(child.stdout).on('line', (word) => words.push(word));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said = async (word: string, times = 1): Promise<void> => {
    while (words.filter((one) => one === word).length < times) {
      await new Promise((resolve) => lines.once('line', resolve));
    }
  };
  return { process: child, said, ended };
}

async function add(path: string, timeoutMs = 10_000): Promise<{ readonly waitedMs: number }> {
  const started = performance.now();
  await withLock(path, { timeoutMs, label: 'add' }, (lease) => {
    lease.commit(Buffer.from(String(Number(readFileSync(path, 'utf8')) + 1)));
  });
  return { waitedMs: performance.now() - started };
}

/** Until the kernel says that the process is stopped. */
async function stopped(pid: number | undefined): Promise<void> {
  while (!/\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('withLock()', () => {
  it('loses no update among eight processes, and leaves nothing but the file', async () => {
    const path = counter();
    const workers = Array.from({ length: 8 }, () => work(path, '25'));
    expect(await Promise.all(workers.map((worker) => worker.ended))).toEqual(new Array(8).fill(0));
    expect(readFileSync(path, 'utf8')).toBe('200');
    expect(readdirSync(join(path, '..'))).toEqual(['number']);
  }, 30_000);

  it('loses no update among processes whose clocks are hours apart', async () => {
    const path = counter();
    const steps = [-HOUR, 0, HOUR, 0];
    const workers = steps.map((step) => work(path, '25', '', String(step)));
    expect(await Promise.all(workers.map((worker) => worker.ended))).toEqual([0, 0, 0, 0]);
    expect(readFileSync(path, 'utf8')).toBe('100');
  }, 30_000);

  it('goes on at once after a holder that was killed', async () => {
    const path = counter();
    const worker = work(path, '1', 'hang');
    await worker.said('held');
    worker.process.kill('SIGKILL');
    await worker.ended;
    expect((await add(path)).waitedMs).toBeLessThan(500);
    expect(readFileSync(path, 'utf8')).toBe('1');
  });

  it('goes on after two seconds at most when a holder is stopped, which then writes nothing old', async () => {
    const path = counter();
    const worker = work(path, '1', 'stop');
    await worker.said('held');
    await stopped(worker.process.pid);
    expect((await add(path)).waitedMs).toBeLessThan(2000);
    worker.process.kill('SIGCONT');
    expect(await worker.ended).toBe(0);
    await worker.said('held', 2);
    expect(readFileSync(path, 'utf8')).toBe('2');
  });

  it.each([
    ['ahead', HOUR],
    ['behind', -HOUR],
  ])('waits no longer when the clock was stepped and the lock is dated an hour %s', async (_, step) => {
    const path = counter();
    const worker = work(path, '1', 'stop');
    await worker.said('held');
    await stopped(worker.process.pid);
    const date = new Date(Date.now() + step);
    utimesSync(`${path}.lock`, date, date);
    expect((await add(path)).waitedMs).toBeLessThan(2000);
    worker.process.kill('SIGCONT');
    expect(await worker.ended).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('2');
  });

  it('goes on soon after a holder that was killed before or after its work', async () => {
    const path = counter();
    mkdirSync(`${path}.lock`);
    const future = new Date(Date.now() + HOUR);
    utimesSync(`${path}.lock`, future, future);
    expect((await add(path)).waitedMs).toBeLessThan(1000);
  });

  it('does not take over from a holder that works for longer than that', async () => {
    const path = counter();
    const worker = work(path, '1', 'open');
    await worker.said('held');
    await expect(add(path, 2500)).rejects.toThrow(LockTimeout);
    worker.process.stdin.end();
    expect(await worker.ended).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('1');
  });

  it('names the holder when it has waited long enough', async () => {
    const path = counter();
    const worker = work(path, '1', 'open');
    await worker.said('held');
    await expect(add(path, 50)).rejects.toMatchObject({
      name: 'LockTimeout',
      holder: `process ${worker.process.pid} (count_open)`,
    });
  });

  it('refuses a lock that is a file or a symbolic link, and touches nothing behind it', async () => {
    const path = counter();
    mkdirSync(`${path}.target`);
    writeFileSync(`${path}.target/kept`, '');
    symlinkSync(`${path}.target`, `${path}.lock`);
    await expect(add(path)).rejects.toThrow(UnsafePath);
    rmSync(`${path}.lock`);
    writeFileSync(`${path}.lock`, '');
    await expect(add(path)).rejects.toThrow(UnsafePath);
    expect(readdirSync(`${path}.target`)).toEqual(['kept']);
  });

  it('hands on what the body throws and gives the lock back', async () => {
    const path = counter();
    const body = () => {
      throw new Error('refused');
    };
    await expect(withLock(path, { timeoutMs: 100, label: 'x' }, body)).rejects.toThrow('refused');
    expect(readdirSync(join(path, '..'))).toEqual(['number']);
    await add(path, 100);
    expect(readFileSync(path, 'utf8')).toBe('1');
  });
});
