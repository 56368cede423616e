import { execa } from 'execa';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const SCRIPT = join(import.meta.dirname, '../../scripts/test.sh');

let commands: string;

beforeEach(() => {
  commands = mkdtempSync(join(tmpdir(), 'flatnet-commands-'));
});

afterEach(() => {
  rmSync(commands, { recursive: true });
});

type Counts = Readonly<Record<'numPassedTests' | 'numFailedTests' | 'numPendingTests', number>>;
type Report = Counts & { readonly testResults?: readonly object[] };

const report = (passed: number, failed = 0, skipped = 0): Report => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: skipped,
});

/** Stands in for a script of package.json: it writes this report, if any, and ends with this exit code. */
interface Outcome {
  readonly exit?: number;
  readonly report?: Report;
}

/** A stand-in for npm, which notes what it is asked to run; the real one would run these very tests again. */
async function runWith(outcomes: Readonly<Record<string, Outcome>>) {
  const log = join(commands, 'log');
  const cases = Object.entries(outcomes).map(([name, { exit = 0, report: text }]) => {
    const write =
      text === undefined ? '' : `printf '%s' '${JSON.stringify(text)}' >"\${5#--outputFile.json=}";`;
    // The words are: run NAME -- --reporter=default --reporter=json --outputFile.json=FILE
    return `"run ${name}") shift; ${write} exit ${exit};;`;
  });
  writeFileSync(
    join(commands, 'npm'),
    `#!/bin/sh\necho "$1 $2" >>${log}\ncase "$1 $2" in\n${cases.join('\n')}\nesac\n`,
  );
  writeFileSync(join(commands, 'node'), '#!/bin/sh\necho v22.0.0\n');
  ['npm', 'node'].forEach((name) => {
    chmodSync(join(commands, name), 0o755);
  });
  const PATH = [commands, process.env['PATH']].join(delimiter);
  const { exitCode, stdout } = await execa(SCRIPT, { env: { PATH }, reject: false });
  const ran = readFileSync(log, 'utf8').trim().split('\n');
  return { exitCode, stdout, lastLine: stdout.split('\n').at(-1), ran };
}

const GOOD = {
  'test:coverage': { report: report(10) },
  'test:root': { report: report(20) },
  'test:podman': { report: report(3) },
};

describe('scripts/test.sh', () => {
  it('sums the tests of all runs in its last line', async () => {
    expect(await runWith(GOOD)).toMatchObject({ exitCode: 0, lastLine: '33 passed, 0 failed' });
  });

  it('names skipped tests', async () => {
    const outcomes = { ...GOOD, 'test:podman': { report: report(1, 0, 2) } };
    expect(await runWith(outcomes)).toMatchObject({
      exitCode: 0,
      lastLine: '31 passed, 0 failed, 2 skipped',
    });
  });

  it('fails with the number of failed tests', async () => {
    const outcomes = { ...GOOD, 'test:root': { exit: 1, report: report(18, 2) } };
    expect(await runWith(outcomes)).toMatchObject({ exitCode: 1, lastLine: '31 passed, 2 failed' });
  });

  it('ends with the tests that failed, and with those that passed at the second try only', async () => {
    const about = (fullName: string, status: string) => ({
      fullName,
      status,
      failureMessages: [`Error: ${fullName} is wrong\n    at somewhere`],
    });
    const testResults = [
      {
        name: join(process.cwd(), 'test/a.test.ts'),
        status: 'failed',
        message: '',
        assertionResults: [about('one', 'failed'), about('two', 'passed')],
      },
      {
        name: join(process.cwd(), 'test/b.test.ts'),
        status: 'failed',
        message: 'no such module',
        assertionResults: [],
      },
    ];
    const outcomes = { ...GOOD, 'test:root': { exit: 1, report: { ...report(18, 2), testResults } } };
    const { stdout } = await runWith(outcomes);
    expect(stdout.slice(stdout.indexOf('== Summary'))).toContain(
      [
        'FAILED test/a.test.ts > one',
        '    Error: one is wrong',
        'PASSED AT THE SECOND TRY test/a.test.ts > two',
        '    Error: two is wrong',
        'FAILED test/b.test.ts',
        '    no such module',
      ].join('\n'),
    );
  });

  it('counts a run that breaks down without a failed test or without a report', async () => {
    const outcomes = {
      ...GOOD,
      'test:coverage': { exit: 1, report: report(10) },
      'test:root': { exit: 1 },
    };
    expect(await runWith(outcomes)).toMatchObject({ exitCode: 1, lastLine: '13 passed, 2 failed' });
  });

  it('goes on after a failed step, and runs every step of "npm run ok"', async () => {
    const { exitCode, lastLine, ran } = await runWith({ ...GOOD, lint: { exit: 2 }, build: { exit: 1 } });
    expect({ exitCode, lastLine }).toEqual({ exitCode: 1, lastLine: '33 passed, 2 failed' });
    const steps = manifest.scripts.ok.split(' && ').map((step) => step.slice('npm '.length));
    // The unit tests, with coverage.
    const ok = steps.map((step) => (step === 'run test' ? 'run test:coverage' : step));
    expect(ran).toEqual(expect.arrayContaining(ok));
    expect(ran.slice(-9)).toEqual([
      'run test:coverage',
      'run test:long',
      'run test:build',
      'run test:root',
      'run test:podman',
      'run test:podman5',
      'run test:kernels',
      'run test:plain',
      'run conformance',
    ]);
  });

  it('does not take a run without any test for a success', async () => {
    expect(await runWith({})).toMatchObject({ exitCode: 1, lastLine: '0 passed, 0 failed' });
  });
});
