import { execa } from 'execa';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IGNORED_VARIABLES, LOCALE_VARIABLES } from '../../build/environment.ts';
import manifest from '../../package.json' with { type: 'json' };
import { PRODUCTS } from '../../build/products.ts';
import { ensureBuilt } from '../executable.ts';

const EXECUTABLE = PRODUCTS.flatnet.output;
const PLAIN = PRODUCTS.plain.output;
const MEGABYTE = 1_000_000;

let traps: string;

beforeAll(async () => {
  await ensureBuilt(EXECUTABLE);
  await ensureBuilt(PLAIN);
}, 300_000);

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

  it('comes without the symbols of Node, a fifth of its size', () => {
    expect(statSync(EXECUTABLE).size).toBeLessThan(125 * MEGABYTE);
  });
});

/** What a developer's shell may set, for each variable that the executable ignores. */
const DISTURBING: Readonly<Record<(typeof IGNORED_VARIABLES)[number], () => Environment>> = {
  NODE_CHANNEL_FD: () => ({ NODE_CHANNEL_FD: '-1' }),
  NODE_COMPILE_CACHE: () => ({ NODE_COMPILE_CACHE: join(traps, 'cache') }),
  NODE_DEBUG: () => ({ NODE_DEBUG: 'module,esm,fs,net,stream' }),
  NODE_REPL_EXTERNAL_MODULE: () => ({ NODE_REPL_EXTERNAL_MODULE: join(traps, 'trap.cjs') }),
  NODE_USE_ENV_PROXY: () => ({ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: 'not a URL' }),
  NODE_V8_COVERAGE: () => ({ NODE_V8_COVERAGE: join(traps, 'coverage') }),
  SIMDUTF_FORCE_IMPLEMENTATION: () => ({ SIMDUTF_FORCE_IMPLEMENTATION: 'junk' }),
};

describe("the executable, started from a developer's environment,", () => {
  it.each(IGNORED_VARIABLES)('ignores %s, which disturbs the one on an untouched Node', async (name) => {
    expect(await run([PLAIN, '--version'], DISTURBING[name]())).not.toEqual(UNDISTURBED);
    for (const left of ['coverage', 'cache']) rmSync(join(traps, left), { recursive: true, force: true });
    expect(await run([EXECUTABLE, '--version'], DISTURBING[name]())).toEqual(UNDISTURBED);
  });

  it.each(LOCALE_VARIABLES)('starts with a %s that ends the one on an untouched Node', async (name) => {
    const environment = { [name]: 'a'.repeat(200) };
    expect(await run([PLAIN, '--version'], environment)).not.toEqual(UNDISTURBED);
    expect(await run([EXECUTABLE, '--version'], environment)).toEqual(UNDISTURBED);
  });

  it.each(['NODE_OPTIONS', ...IGNORED_VARIABLES])('starts undisturbed with %s set to junk', async (name) => {
    expect(await run([EXECUTABLE, '--version'], { [name]: join(traps, 'junk') })).toEqual(UNDISTURBED);
  });

  it('obeys no NODE_OPTIONS, on an untouched Node either', async () => {
    const environment = { NODE_OPTIONS: `--require=${join(traps, 'trap.cjs')}` };
    for (const file of [EXECUTABLE, PLAIN])
      expect(await run([file, '--version'], environment)).toEqual(UNDISTURBED);
  });
});
