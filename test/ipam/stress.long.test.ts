import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore, parsePool } from '../../src/ipam/index.ts';
import { attachment, temporaryDirectory } from './fixtures.ts';

const WORKER = join(import.meta.dirname, 'stress-worker.ts');
const PROCESSES = 20;
const ROUNDS = 15;
const OPERATIONS = 200;
const KILL_EVERY = 8;

interface LogLine {
  readonly event: 'got' | 'gave' | 'killed';
  readonly worker: string;
  readonly address: string;
}

/**
 * Replays the log and returns every address that was got while another process, still running, had it. Lines are in
 * the order in which they were appended.
 */
function heldTwice(lines: readonly LogLine[]): readonly string[] {
  const holders = new Map<string, string>();
  const killed = new Set<string>();
  const conflicts: string[] = [];
  for (const { event, worker, address } of lines) {
    const holder = holders.get(address);
    if (event === 'killed') killed.add(worker);
    if (event === 'gave') holders.delete(address);
    if (event === 'got') {
      if (holder !== undefined && !killed.has(holder)) conflicts.push(`${address}: ${worker} and ${holder}`);
      holders.set(address, worker);
    }
  }
  return conflicts;
}

function readLog(path: string): readonly LogLine[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line): LogLine => JSON.parse(line));
}

/** Keeps 20 workers running, kills one of them at random times, until enough was done. */
async function torment(
  dataDir: string,
  log: string,
): Promise<{ readonly killed: number; readonly failed: number }> {
  const running = new Map<string, ReturnType<typeof spawn>>();
  let [started, killed, failed] = [0, 0, 0];
  const ended: Promise<void>[] = [];
  const start = (): void => {
    const worker = `w${started++}`;
    const child = spawn(process.execPath, [WORKER, dataDir, log, worker, String(ROUNDS)], {
      stdio: 'inherit',
    });
    running.set(worker, child);
    const close = new Promise<void>((resolve) =>
      child.on('close', (code) => {
        running.delete(worker);
        if (code !== 0 && code !== null) failed += 1;
        resolve();
      }),
    );
    ended.push(close);
  };
  onTestFinished(() => {
    for (const child of running.values()) child.kill('SIGKILL');
  });
  for (let index = 0; index < PROCESSES; index += 1) start();
  for (let done = 0; done < OPERATIONS;) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    const got = readLog(log).filter(({ event }) => event === 'got');
    if (got.length < done + KILL_EVERY) continue;
    done = got.length;
    const busy = [...running].filter(([worker]) => got.some((line) => line.worker === worker));
    const [worker, child] = busy[Math.floor(Math.random() * busy.length)] ?? [];
    if (worker === undefined) continue;
    // Said before it is done: from here on nobody may rely on what the worker holds.
    writeFileSync(log, `${JSON.stringify({ event: 'killed', worker, address: '' })}\n`, { flag: 'a' });
    child?.kill('SIGKILL');
    killed += 1;
    start();
  }
  await Promise.all(ended);
  return { killed, failed };
}

describe('a store that 20 processes share', () => {
  it('never gives an address to two of them, though they are killed at random', async () => {
    const directory = temporaryDirectory();
    const [dataDir, log] = [join(directory, 'ipam'), join(directory, 'log')];
    writeFileSync(log, '');
    const { killed, failed } = await torment(dataDir, log);
    const lines = readLog(log);
    expect(heldTwice(lines)).toEqual([]);
    expect(failed).toBe(0);
    expect(killed).toBeGreaterThan(0);
    expect(lines.filter(({ event }) => event === 'gave').length).toBeGreaterThanOrEqual(OPERATIONS / 2);

    const store = openStore({ dataDir, holders: () => ({ isLive: () => false, isRunning: () => false }) });
    const victims = new Set(lines.filter(({ event }) => event === 'killed').map(({ worker }) => worker));
    const left = await store.list();
    expect(left.filter((one) => !victims.has(one.containerID.split('-')[0]!))).toEqual([]);
    await store.reclaim();
    const pool = parsePool({ network: 'n', ipam: { subnet: '10.2.0.0/27' } });
    await store.allocate({ attachment: attachment('after'), pool });
    expect(await store.list()).toHaveLength(1);
  }, 120_000);
});

describe('the replay of the log', () => {
  it('finds an address that two have', () => {
    const got = (worker: string): LogLine => ({ event: 'got', worker, address: '10.2.0.2' });
    expect(heldTwice([got('a'), got('b')])).toEqual(['10.2.0.2: b and a']);
    expect(heldTwice([got('a'), { ...got('a'), event: 'gave' }, got('b')])).toEqual([]);
    expect(heldTwice([got('a'), { ...got('a'), event: 'killed' }, got('b')])).toEqual([]);
  });
});
