import { execa } from 'execa';
import { readFileSync } from 'node:fs';
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
