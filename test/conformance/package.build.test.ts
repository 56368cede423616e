import { execa } from 'execa';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleConformance } from '../../build/conformance.ts';

const ROOT = join(import.meta.dirname, '../..');
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'package-'));
  await bundleConformance(join(ROOT, 'dist/flatnet-conformance.js'));
  await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], { cwd: ROOT });
  const [archive] = await readdir(directory);
  const options = ['--offline', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  await execa('npm', ['install', ...options, join(directory, archive!)], { cwd: directory });
}, 120_000);
afterAll(() => rm(directory, { recursive: true }));

describe('npx flatnet-conformance', () => {
  test('runs from the packed package, without anything beside it', async () => {
    const { stdout } = await execa('npx', ['--no', '--offline', 'flatnet-conformance', '--list'], {
      cwd: directory,
    });

    expect(stdout.split('\n').length).toBeGreaterThan(80);
    expect(stdout).toContain(
      'ADD-11\tMUST\tSPEC 1.1.0 §2 ADD\tADD is refused when the sandbox already has an interface',
    );
  });

  test('says what it needs', async () => {
    const { exitCode, stderr } = await execa('npx', ['--no', '--offline', 'flatnet-conformance'], {
      cwd: directory,
      reject: false,
    });

    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Cannot run without --plugin FILE') as string,
    });
  });
});
