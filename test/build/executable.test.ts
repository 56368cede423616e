// Covers: cli/cli.ts, cli/version.ts, main.ts
import { execa } from 'execa';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IGNORED_VARIABLES, LOCALE_VARIABLES } from '../../build/environment.ts';
import manifest from '../../package.json' with { type: 'json' };
import { BUNDLE, ensureExecutable, EXECUTABLE } from '../executable.ts';

const BUILD_TIMEOUT = 120_000;

let traps: string;

beforeAll(ensureExecutable, BUILD_TIMEOUT);

beforeEach(() => {
  traps = mkdtempSync(join(tmpdir(), 'flatnet-traps-'));
  writeFileSync(join(traps, 'trap.cjs'), 'process.stderr.write("trapped"); process.exit(99);');
});

afterEach(() => {
  rmSync(traps, { recursive: true });
});

type Environment = Record<string, string>;

async function run(words: readonly string[], environment: Environment = {}) {
  const [file = '', ...args] = words;
  const { exitCode, stdout, stderr } = await execa(file, args, {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
  });
  return { exitCode, stdout, stderr, left: readdirSync(traps).filter((name) => name !== 'trap.cjs') };
}

const UNDISTURBED = { exitCode: 0, stdout: `flatnet ${manifest.version}`, stderr: '', left: [] };

describe('executable', () => {
  it('prints name and version for --version', async () => {
    expect(await run([EXECUTABLE, '--version'])).toEqual(UNDISTURBED);
  });

  it('prints how it is used for --help, and when no word is given', async () => {
    const help = await run([EXECUTABLE, '--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toContain('Usage: flatnet');
    expect(await run([EXECUTABLE])).toEqual(help);
  });

  it('refuses a word that it does not know with exit code 2, naming the word', async () => {
    expect(await run([EXECUTABLE, 'frobnicate'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('"frobnicate"'),
    });
  });

  it('runs without Node in PATH, and where it is not allowed to write', async () => {
    expect(await run([EXECUTABLE, '--version'], { PATH: '/nonexistent', HOME: '/nonexistent' })).toEqual(
      UNDISTURBED,
    );
  });

  it('is executable by everybody and writable by its owner alone', () => {
    expect(statSync(EXECUTABLE).mode & 0o777).toBe(0o755);
  });
});

describe('executable, started from a developer’s environment,', () => {
  const disturbing: readonly (readonly [string, () => Environment])[] = [
    ['NODE_OPTIONS', () => ({ NODE_OPTIONS: `--require=${join(traps, 'trap.cjs')}` })],
    ['NODE_V8_COVERAGE', () => ({ NODE_V8_COVERAGE: join(traps, 'coverage') })],
    ['NODE_COMPILE_CACHE', () => ({ NODE_COMPILE_CACHE: join(traps, 'cache') })],
    ['NODE_DEBUG', () => ({ NODE_DEBUG: 'module,esm,fs,net,stream' })],
    ['NODE_USE_ENV_PROXY', () => ({ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: 'not a URL' })],
    ['NODE_UNIQUE_ID', () => ({ NODE_UNIQUE_ID: '1', NODE_CHANNEL_FD: '0' })],
  ];

  it.each(disturbing)('ignores %s, which plain Node obeys', async (_name, environment) => {
    expect(await run([process.execPath, BUNDLE, '--version'], environment())).not.toEqual(UNDISTURBED);
    rmSync(join(traps, 'coverage'), { recursive: true, force: true });
    rmSync(join(traps, 'cache'), { recursive: true, force: true });
    expect(await run([EXECUTABLE, '--version'], environment())).toEqual(UNDISTURBED);
  });

  it('starts although NODE_REPL_EXTERNAL_MODULE is set, which single executables refuse', async () => {
    const environment = { NODE_REPL_EXTERNAL_MODULE: join(traps, 'trap.cjs') };
    expect(await run([EXECUTABLE, '--version'], environment)).toEqual(UNDISTURBED);
  });

  it.each(['NODE_OPTIONS', ...IGNORED_VARIABLES])('starts undisturbed with %s set to junk', async (name) => {
    expect(await run([EXECUTABLE, '--version'], { [name]: join(traps, 'junk') })).toEqual(UNDISTURBED);
  });

  it.each(LOCALE_VARIABLES)('starts with a %s that ends plain Node', async (name) => {
    const environment = { [name]: 'a'.repeat(200) };
    expect(await run([process.execPath, BUNDLE, '--version'], environment)).not.toEqual(UNDISTURBED);
    expect(await run([EXECUTABLE, '--version'], environment)).toEqual(UNDISTURBED);
  });

  it('does not know the names of the variables that it must ignore', () => {
    const binary = readFileSync(EXECUTABLE);
    expect(IGNORED_VARIABLES.filter((name) => binary.includes(name))).toEqual([]);
  });
});
