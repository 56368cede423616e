import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Metafile } from 'esbuild';
import { type Bundle, bundle } from '../../build/bundle.ts';
import { PRODUCTS } from '../../build/products.ts';

let bundled: Bundle;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'flatnet-bundle-'));
  try {
    const source = { ...PRODUCTS.flatnet, script: join(directory, 'flatnet.cjs') };
    bundled = await bundle(source, { directory, withCache: false });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

function commandLine(): Metafile {
  return bundled.parts.find(({ name }) => name === 'cli')!.metafile;
}

/** What is loaded with a file: what it imports, but not what its functions import when they run. */
function loadedWith(path: string, { inputs }: Metafile, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const { path: next, kind } of inputs[path]?.imports ?? []) {
    if (kind !== 'dynamic-import') loadedWith(next, { inputs, outputs: {} }, found);
  }
  return found;
}

test('a call of the plugin loads nothing of the command line', () => {
  expect(Object.keys(commandLine().inputs)).toContain('src/cli/program.ts');
  const loaded = bundled.metafiles
    .filter((metafile) => metafile !== commandLine())
    .flatMap(({ inputs }) => Object.keys(inputs));
  expect(loaded).toContain('src/attachment/attach.ts');
  const packages = /node_modules\/(commander|string-width|cli-truncate)\//;
  expect(loaded.filter((path) => path.startsWith('src/cli/') || packages.test(path))).toEqual([]);
});

test('of all that serves a call, only create reads containers.conf', () => {
  const loads = (part: string, path: string) => {
    const { inputs } = bundled.parts.find(({ name }) => name === part)!.metafile;
    return Object.keys(inputs).some((one) => one.includes(path));
  };
  const parts = ['add', 'del', 'seldom', 'create', 'setup', 'teardown'];
  expect(parts.filter((part) => loads(part, 'smol-toml'))).toEqual(['create']);
  expect(parts.filter((part) => loads(part, 'attachment/attach.ts'))).toEqual(['add', 'setup']);
  expect(parts.filter((part) => loads(part, 'attachment/detach.ts'))).toEqual(['del', 'teardown']);
});

test('help and completion load every command, and nothing of what a command works with', () => {
  const loaded = [...loadedWith('src/cli/program.ts', commandLine())];
  expect(loaded).toContain('src/cli/commands/network/rm.ts');
  const work =
    /^src\/(attachment|bridge|cni|firewall|ipam|veth|cli\/(doctor|facts|network|install)|sys\/(netlink|lock))\//;
  const slow = /node_modules\/(string-width|cli-truncate|smol-toml|proper-lockfile)\/|^node:crypto$/;
  expect(loaded.filter((path) => work.test(path) || slow.test(path))).toEqual([]);
});
