import { execa } from 'execa';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPTS = join(import.meta.dirname, '../../scripts');

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flatnet-interrupt-'));
  for (const name of ['bin', 'tmp', 'pids']) mkdirSync(join(directory, name));
});
afterEach(() => {
  for (const pid of startedPids()) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  rmSync(directory, { recursive: true });
});

/** What the step has started, down to what would outlive npm. */
const startedPids = () => readdirSync(join(directory, 'pids')).map(Number);

/** False for a process that is gone or waits for somebody to ask how it ended. */
const isRunning = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

/** A stand-in for npm that does nothing but at one step, where it and a child of it stay until a signal ends them. */
function hangAt(step: string, ignored = ''): NodeJS.ProcessEnv {
  const pids = join(directory, 'pids');
  const npm = `#!/bin/sh
case "$*" in "${step}"*) ;; *) exit 0 ;; esac
trap '' ${ignored} QUIT
case "$2" in test*) : >"$TMPDIR/left by a test" ;; esac
sleep 1000 &
: >${pids}/$! >${pids}/$$
wait
`;
  const commands = { npm, node: '#!/bin/sh\necho v22.0.0\n', shellcheck: '#!/bin/sh\n' };
  for (const [name, text] of Object.entries(commands)) {
    writeFileSync(join(directory, 'bin', name), text, { mode: 0o755 });
  }
  const PATH = [join(directory, 'bin'), process.env['PATH']].join(delimiter);
  return { PATH, TMPDIR: join(directory, 'tmp') };
}

async function untilHanging(): Promise<void> {
  await expect.poll(() => startedPids().filter(isRunning).length, { timeout: 20_000 }).toBe(2);
}

/** Starts a script, and sends it alone a SIGTERM once it hangs. */
async function terminated(script: string, env: NodeJS.ProcessEnv) {
  const running = execa(join(SCRIPTS, script), [], {
    env,
    reject: false,
    all: true,
    forceKillAfterDelay: false,
  });
  await untilHanging();
  running.kill('SIGTERM');
  return running;
}

function expectNothingLeft(): void {
  expect(startedPids().filter(isRunning)).toEqual([]);
  expect(readdirSync(join(directory, 'tmp'))).toEqual([]);
}

const STEPS = [
  ['test.sh', 'ci'],
  ['test.sh', 'run lint'],
  ['test.sh', 'run build'],
  ['test.sh', 'run test:root'],
  ['test.sh', 'run conformance'],
  ['quickstart.sh', 'ci'],
  ['quickstart.sh', 'run build'],
  ['quickstart.sh', 'run build:daemon'],
] as const;

describe.each(STEPS)('scripts/%s at "npm %s"', (script, step) => {
  it('ends with all that it started at ^C on the terminal', async () => {
    // script(1) gives it a terminal, on which ^C is typed.
    const terminal = execa('script', ['-qec', join(SCRIPTS, script), '/dev/null'], {
      env: hangAt(step),
      reject: false,
      stdin: 'pipe',
    });
    await untilHanging();
    terminal.stdin.write('\u0003');
    const { exitCode, stdout } = await terminal;
    expect(exitCode, stdout).toBe(130);
    expectNothingLeft();
  });

  it('ends with all that it started at SIGTERM', async () => {
    const { exitCode, all } = await terminated(script, hangAt(step));
    expect(exitCode, all).toBe(143);
    expectNothingLeft();
  });
});

it('scripts/test.sh ends what does not end at SIGTERM by force', async () => {
  expect((await terminated('test.sh', hangAt('run lint', 'TERM'))).exitCode).toBe(143);
  expectNothingLeft();
});
