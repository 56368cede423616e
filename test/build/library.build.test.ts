import { execa } from 'execa';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../build/project.ts';

/** What a user's project needs to be packed and installed is copied, so that packing never touches the project itself. */
const SOURCES = [
  'package.json',
  'tsconfig.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'src',
  'build',
  'conformance',
  'docs',
  'scripts',
];

const NOBODY = 65534;

let directory = '';
let project = '';
let packed: readonly string[] = [];

/** The JavaScript of a page, block by block, named after the heading above it. */
function examplesOf(page: string): readonly { readonly name: string; readonly code: string }[] {
  return page.split(/^(?=##? |### )/m).flatMap((section) => {
    const name = /^#+ (.*)/.exec(section)?.[1] ?? '';
    return [...section.matchAll(/^```js\n(.*?)^```/gms)].map(([, code = '']) => ({ name, code }));
  });
}

const PAGE = await readFile(join(ROOT, 'docs/ipam.md'), 'utf8');

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flatnet-library-'));
  const source = join(directory, 'source');
  await mkdir(source);
  await Promise.all(SOURCES.map((name) => cp(join(ROOT, name), join(source, name), { recursive: true })));
  await symlink(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', directory], { cwd: source });
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  packed = files.map(({ path }: { path: string }) => path);
  project = join(directory, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{"name":"scratch","private":true,"type":"module"}');
  await execa('npm', ['install', '--offline', '--no-audit', '--no-fund', join(directory, filename)], {
    cwd: project,
  });
}, 120_000);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function runInProject(name: string, code: string): Promise<string> {
  const file = join(project, name);
  await writeFile(file, code);
  const { stdout } = await execa(process.execPath, [file], { cwd: project, env: { TMPDIR: directory } });
  return stdout;
}

describe('the packed library', () => {
  it('is the library, its types, its documentation and the conformance suite, and pulls in nothing', async () => {
    expect(packed.filter((path) => !path.startsWith('dist/ipam/'))).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/flatnet-conformance.js',
      'docs/ipam.md',
      'package.json',
    ]);
    const installed = join(project, 'node_modules');
    const manifest = JSON.parse(await readFile(join(installed, 'flatnet/package.json'), 'utf8'));
    expect([manifest.dependencies, manifest.optionalDependencies]).toEqual([undefined, undefined]);
    const { stdout } = await execa('npm', ['ls', '--all', '--parseable'], { cwd: project });
    expect(stdout.split('\n')).toEqual([project, join(installed, 'flatnet')]);
  });

  it('does nothing when it is imported', async () => {
    const stdout = await runInProject(
      'import.mjs',
      `import fs from 'node:fs';
      const before = { ...fs };
      const events = process.eventNames();
      await import('flatnet/ipam');
      await import('flatnet/ipam/reducers');
      console.log(JSON.stringify({
        events: process.eventNames().filter((name) => !events.includes(name)),
        resources: process.getActiveResourcesInfo().filter((name) => name === 'Timeout'),
        patched: Object.keys(before).filter((name) => before[name] !== fs[name]),
        globals: Object.keys(globalThis).filter((name) => /lock|flatnet|graceful/i.test(name)),
      }));`,
    );
    expect(JSON.parse(stdout)).toEqual({ events: [], resources: [], patched: [], globals: [] });
  });

  it('needs no root for a data directory of its own', { timeout: 60_000 }, async () => {
    const home = join(directory, 'nobody');
    await mkdir(home);
    await chmod(directory, 0o755);
    if (process.getuid?.() === 0) await chown(home, NOBODY, NOBODY);
    const code = `if (process.getuid() === 0) {
        process.setgid(${NOBODY});
        process.setuid(${NOBODY});
      }
      const { openStore, parsePool } = await import('flatnet/ipam');
      const store = openStore({ dataDir: ${JSON.stringify(join(home, 'ipam'))} });
      const attachment = { network: 'lab', containerID: 'c0ffee', ifname: 'eth0' };
      await store.allocate({ attachment, pool: parsePool({ network: 'lab' }) });
      const [{ address }] = await store.release(attachment);
      console.log(process.getuid() !== 0, address);`;
    expect(await runInProject('nobody.mjs', code)).toBe('true 10.87.1.2');
  });

  it('has one IpamError for both entries', async () => {
    const code = `import { IpamError } from 'flatnet/ipam';
      import * as reducers from 'flatnet/ipam/reducers';
      console.log(IpamError === reducers.IpamError);`;
    expect(await runInProject('error.mjs', code)).toBe('true');
  });

  it('has types that a strict project without Node types can use', async () => {
    const code = `import { openStore, parsePool, IpamError, type Allocation, type Store } from 'flatnet/ipam';
      import { allocate, emptyState, type State } from 'flatnet/ipam/reducers';
      const store: Store = openStore({ dataDir: '/nowhere', holders: () => ({ isLive: () => true, isRunning: () => false }) });
      export const held: Promise<readonly Allocation[]> = store.list();
      export const state: State = emptyState('boot');
      export const kind = (error: unknown) => (error instanceof IpamError ? error.kind : undefined);
      export const given = allocate(
        state,
        { attachment: { network: 'n', containerID: 'c', ifname: 'i' }, pool: parsePool({ network: 'n' }) },
        { now: '', isLive: () => true, isRunning: () => false },
      );
      // @ts-expect-error: an attachment is a triple
      void store.release({ network: 'n' });`;
    await writeFile(join(project, 'types.ts'), code);
    const options = [
      '--strict',
      '--noEmit',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--exactOptionalPropertyTypes',
    ];
    const { stdout } = await execa(join(ROOT, 'node_modules/.bin/tsc'), [...options, 'types.ts'], {
      cwd: project,
      reject: false,
    });
    expect(stdout).toBe('');
  }, 60_000);
});

describe('docs/ipam.md', () => {
  const examples = examplesOf(PAGE);

  it.each(examples)('has an example that works: $name', async ({ name, code }) => {
    await runInProject(`${name.replace(/\W+/g, '-')}.mjs`, code);
  });

  it('has an example for every function', async () => {
    const names = [
      'parsePool',
      'openStore',
      'allocate',
      'release',
      'retain',
      'reclaim',
      'update',
      'probe',
      'list',
      'remembered',
    ];
    const headings = examples.map(({ name }) => name.replace(/^store\./, '').replace(/\(.*/, ''));
    expect(names.filter((name) => !headings.includes(name))).toEqual([]);
    const exported = await runInProject(
      'exported.mjs',
      `import * as ipam from 'flatnet/ipam';
      import * as reducers from 'flatnet/ipam/reducers';
      console.log(Object.keys(ipam).concat(Object.keys(reducers)).join(' '));`,
    );
    const code = examples.map((example) => example.code).join('\n');
    expect(exported.split(' ').filter((name) => !code.includes(name))).toEqual(['DEFAULT_DATA_DIR']);
  });
});
