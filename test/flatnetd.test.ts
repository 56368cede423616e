import { execa } from 'execa';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const ENTRY = join(import.meta.dirname, '../src/flatnetd.ts');

async function flatnetd(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [ENTRY, ...args], { reject: false });
  return { exitCode, stdout, stderr };
}

test('flatnetd prints name and version, and how it is used', async () => {
  expect(await flatnetd('--version')).toEqual({
    exitCode: 0,
    stdout: `flatnetd ${manifest.version}`,
    stderr: '',
  });
  expect(await flatnetd('--help')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('Usage: flatnetd'),
    stderr: '',
  });
});

test.each([[[]], [['serve']]])('flatnetd, started with %j, says that it has no job yet', async (args) => {
  expect(await flatnetd(...args)).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining('flatnetd has no job yet'),
  });
});
