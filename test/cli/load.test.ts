// Covers: main.ts
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../build/bundle.ts';

test('a call of the plugin loads nothing of the command line', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'flatnet-bundle-'));
  try {
    const { metafiles, parts } = await bundle(join(directory, 'flatnet.cjs'), {
      directory,
      withCache: false,
    });
    const commandLine = parts.find(({ name }) => name === 'cli')?.metafile;
    expect(Object.keys(commandLine?.inputs ?? {})).toContain('src/cli/program.ts');
    const loaded = metafiles
      .filter((metafile) => metafile !== commandLine)
      .flatMap(({ inputs }) => Object.keys(inputs));
    expect(loaded).toContain('src/attachment/attach.ts');
    const packages = /node_modules\/(commander|string-width|cli-truncate|smol-toml)\//;
    expect(loaded.filter((path) => path.startsWith('src/cli/') || packages.test(path))).toEqual([]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
