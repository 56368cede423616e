import { execa } from 'execa';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { PRODUCTS } from '../../build/products.ts';
import manifest from '../../package.json' with { type: 'json' };
import { ensureBuilt } from '../executable.ts';

const { output } = PRODUCTS.daemon;

beforeAll(() => ensureBuilt(output));

test('the daemon is an executable of its own', async () => {
  const { stdout } = await execa(output, ['--version'], { env: { PATH: '/nonexistent' }, extendEnv: false });
  expect(stdout).toBe(`flatnetd ${manifest.version}`);
});

test('the daemon runs on an untouched Node, for it will listen on a LAN', () => {
  const { components } = JSON.parse(readFileSync(`${output}.sbom.json`, 'utf8'));
  expect(components[0]).toMatchObject({
    name: 'node',
    properties: [{ name: 'flatnet:patches', value: 'none' }],
  });
  expect(components[0].pedigree).toBeUndefined();
});

test('the daemon tells how it is used, and refuses what it does not know', async () => {
  const { stdout } = await execa(output, ['--help']);
  expect(stdout).toMatch(/^Usage: flatnetd/);
  const { exitCode, stderr } = await execa(output, ['--serve'], { reject: false });
  expect(exitCode).toBe(2);
  expect(stderr).toContain("'--serve'");
});

test('the daemon does not start with settings that it cannot read, and says which', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'flatnetd-'));
  try {
    const file = join(directory, 'flatnetd.toml');
    writeFileSync(file, '[gateway]\nexpos = "labelled"\n');
    const { exitCode, stderr } = await execa(output, ['--config', file], { reject: false });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`Invalid ${file}: unknown key "gateway.expos"`);
    expect(stderr).toContain('did you mean "expose"?');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
