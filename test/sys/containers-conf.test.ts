import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readContainersConf } from '../../src/sys/containers-conf.ts';

let directory: string;
let base: string;
let override: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flatnet-conf-'));
  base = join(directory, 'containers.conf');
  override = join(directory, 'override.conf');
  await writeFile(
    base,
    '[network]\nnetwork_backend = "cni"\nnetwork_config_dir = "/base"\n[engine]\nhelper_binaries_dir = ["/base"]\n',
  );
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('readContainersConf()', () => {
  it('reads the file of CONTAINERS_CONF in place of the usual ones', () => {
    expect(readContainersConf({ CONTAINERS_CONF: base })).toMatchObject({
      networkBackend: 'cni',
      networkDirectory: '/base',
      files: [base],
    });
  });

  it('gives CONTAINERS_CONF_OVERRIDE the last word on backend and directory, and the rest to the others', async () => {
    await writeFile(override, '[network]\nnetwork_backend = "netavark"\nnetwork_config_dir = "/override"\n');
    expect(readContainersConf({ CONTAINERS_CONF: base, CONTAINERS_CONF_OVERRIDE: override })).toMatchObject({
      networkBackend: 'netavark',
      networkDirectory: '/override',
      helperDirectories: ['/base'],
      files: [base, override],
    });
  });

  it('takes an empty variable for none, and names a file that is no TOML', async () => {
    expect(readContainersConf({ CONTAINERS_CONF: base, CONTAINERS_CONF_OVERRIDE: '' }).files).toEqual([base]);
    await writeFile(override, '[network');
    const { broken, networkDirectory } = readContainersConf({
      CONTAINERS_CONF: base,
      CONTAINERS_CONF_OVERRIDE: override,
    });
    expect(broken).toEqual([expect.stringContaining(override)]);
    expect(networkDirectory).toBe('/base');
  });
});
