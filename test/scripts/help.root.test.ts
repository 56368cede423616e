import { execa } from 'execa';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPTS = join(import.meta.dirname, '../../scripts');
const ALL = ['quickstart.sh', 'test.sh', 'test-cni.sh', 'test-integration.sh', 'wsl2/setup-forwarding.sh'];

/** A directory of commands that each would do something: none of them may be started. */
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flatnet-help-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Runs a script, and lists the programs that it started. */
async function run(name: string, ...args: readonly string[]) {
  const trace = join(directory, 'trace');
  const script = join(SCRIPTS, name);
  const words = ['-f', '-qq', '-e', 'trace=execve', '-e', 'status=successful', '-o', trace, script, ...args];
  const { exitCode, stdout, stderr } = await execa('strace', words, {
    reject: false,
    env: { TMPDIR: directory },
  });
  const { stdout: started } = await execa('grep', ['-o', 'execve("[^"]*"', trace]);
  const programs = started.split('\n').map((line) => line.replace(/^.*\/|"$/g, ''));
  return { exitCode, stdout, stderr, programs, left: readdirSync(directory) };
}

describe.each(ALL)('scripts/%s', (name) => {
  it.each(['--help', '-h'])('shows how it is used with %s, and does nothing', async (option) => {
    const { exitCode, stdout, programs, left } = await run(name, option);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: sudo scripts/${name.replace('.', '\\.')}`));
    expect([name.replace(/^.*\//, ''), 'bash', 'env', 'dirname', 'cat']).toEqual(
      expect.arrayContaining(programs),
    );
    expect(left).toEqual(['trace']);
  });

  it.each([['--hepl'], ['nonsense']])('refuses %s before it does anything', async (word) => {
    const { exitCode, stdout, stderr, programs, left } = await run(name, word);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(`"${word}"`);
    expect(stderr).toContain('Usage: sudo');
    expect([name.replace(/^.*\//, ''), 'bash', 'env', 'dirname', 'cat']).toEqual(
      expect.arrayContaining(programs),
    );
    expect(left).toEqual(['trace']);
  });
});
