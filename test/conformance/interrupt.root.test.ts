import { execa } from 'execa';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

const ROOT = join(import.meta.dirname, '../..');
/** A time nobody else sleeps: how the plugin that hangs is found among all processes. */
const SLEEP = String(1_000_000 + process.pid);

let directory: string;

beforeAll(async () => {
  await ensureExecutable();
  directory = await mkdtemp(join(tmpdir(), 'interrupt-'));
  const script = `#!/bin/sh\n[ "$CNI_COMMAND" != DEL ] || { setsid sleep ${SLEEP}; exit 1; }\nexec ${EXECUTABLE}\n`;
  await writeFile(join(directory, 'hangs'), script);
  await chmod(join(directory, 'hangs'), 0o755);
}, 120_000);
afterAll(() => rm(directory, { recursive: true }));

/** The processes that the hanging plugin left. */
async function sleepers(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(SLEEP) && line.startsWith('sleep'));
}

/** Runs cases until the third hangs, then ends the suite. */
async function runUntilInterrupted(signal: NodeJS.Signals, report: string): Promise<number | undefined> {
  const config = join(ROOT, 'test/conformance/network.json');
  const argv = ['--plugin', join(directory, 'hangs'), '--config', config, '--json', report, '--jobs', '1'];
  const suite = execa(
    process.execPath,
    ['conformance/run.ts', ...argv, '--only', 'VER-01,ADD-01,DEL-01,DEL-02'],
    { cwd: ROOT, reject: false },
  );
  await expect.poll(sleepers, { timeout: 20_000 }).not.toEqual([]);
  suite.kill(signal);
  return (await suite).exitCode;
}

describe('an interrupted run', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('leaves nothing at %s, and writes the report of what finished', async (signal, code) => {
    const file = join(directory, `${signal}.json`);

    expect(await runUntilInterrupted(signal, file)).toBe(code);
    expect(await sleepers()).toEqual([]);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      notRun: 2,
      summary: { passed: 2, failed: 0 },
    });
  });

  test('leaves nothing when the suite is killed', async () => {
    await runUntilInterrupted('SIGKILL', join(directory, 'killed.json'));

    await expect.poll(sleepers, { timeout: 10_000 }).toEqual([]);
  });
});
