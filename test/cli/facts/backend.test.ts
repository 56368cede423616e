import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  backendInUse,
  type BackendSources,
  inspectNetavark,
  storedBackend,
} from '../../../src/cli/facts/backend.ts';
import { isAtLeast } from '../../../src/input/version.ts';
import { inspectDrivers, parseInfoAnswer } from '../../../src/cli/facts/drivers.ts';
import { readNetworkFiles } from '../../../src/cli/network/find.ts';
import { bridgeKey, mtuSetting, networksIn } from '../../../src/cli/network/host-network.ts';
import { suspectsAmong } from '../../../src/cli/network/suspect.ts';
import { NO_CONTAINERS_CONF } from '../../../src/sys/containers-conf.ts';
import { graphRoot, parseGraphRoot } from '../../../src/sys/storage-conf.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flatnet-facts-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const place = (name: string, text: string, mode = 0o644) => writeFile(join(directory, name), text, { mode });

const NETAVARK = { path: '/usr/lib/podman/netavark', version: '1.4.0', canRunDrivers: false };
const FRESH: BackendSources = {
  podman: '4.9.3',
  netavark: NETAVARK,
  configured: undefined,
  stored: undefined,
  hasConflists: false,
};

describe('backendInUse()', () => {
  it.each([
    ['no Podman', { podman: undefined }, undefined],
    ['Podman 3', { podman: '3.4.4', configured: 'netavark' }, 'cni'],
    ['Podman 5, whatever is configured', { podman: '5.4.2', configured: 'cni', stored: 'cni' }, 'netavark'],
    ['Podman 6', { podman: '6.0.0-rc1' }, 'netavark'],
    ['what is configured before what is stored', { configured: 'cni', stored: 'netavark' }, 'cni'],
    ['what Podman once stored', { stored: 'cni' }, 'cni'],
    ['no netavark', { netavark: undefined }, 'cni'],
    ['networks of CNI in a fresh storage', { hasConflists: true }, 'cni'],
    ['a fresh storage', {}, 'netavark'],
    ['a word that Podman refuses', { configured: 'dhcp', stored: '' }, 'netavark'],
  ] as const)('%s', (_, sources, backend) => {
    const { inUse, why } = backendInUse({ ...FRESH, ...sources });
    expect(inUse).toBe(backend);
    expect(why).not.toBe('');
  });
});

describe('isAtLeast()', () => {
  it('compares the first two numbers, and knows nothing of what is no version', () => {
    expect(
      ['4.5.0', '4.10', '5.0-dev', '4.4.9', '3.9', '', 'nightly'].map((one) => isAtLeast(one, [4, 5])),
    ).toEqual([true, true, true, false, false, undefined, undefined]);
  });
});

describe('what Podman has in its storage', () => {
  it('is the backend that it stored', async () => {
    expect(storedBackend(directory)).toBeUndefined();
    await place('defaultNetworkBackend', 'netavark\n');
    expect(storedBackend(directory)).toBe('netavark');
  });

  it('is where storage.conf says', async () => {
    await place('storage.conf', `[storage]\ndriver = "vfs"\ngraphroot = "${directory}"\n`);
    expect(graphRoot(join(directory, 'storage.conf'))).toBe(directory);
    expect(graphRoot(join(directory, 'none.conf'))).toBe('/var/lib/containers/storage');
    expect(parseGraphRoot('[storage')).toBeUndefined();
    expect(parseGraphRoot('[storage]\ngraphroot = 5\n')).toBeUndefined();
  });
});

describe('inspectNetavark()', () => {
  const conf = () => ({ ...NO_CONTAINERS_CONF, helperDirectories: ['/nowhere', directory] });

  it.each([
    ['netavark 1.4.0', { version: '1.4.0', canRunDrivers: false }],
    ['netavark 1.17.2-dev', { version: '1.17.2-dev', canRunDrivers: true }],
    ['nothing of use', { version: '', canRunDrivers: undefined }],
  ])('asks the first in the helper directories, which says "%s"', async (said, expected) => {
    await place('netavark', `#!/bin/sh\necho "${said}"\n`, 0o755);
    expect(await inspectNetavark(conf())).toEqual({ path: join(directory, 'netavark'), ...expected });
  });

  it('finds none', async () => {
    expect(await inspectNetavark(conf())).toBeUndefined();
  });
});

describe('inspectDrivers()', () => {
  it('tells the driver from a file that cannot run, and from one that is no driver', async () => {
    const answer = '{"version":"0.5.0","api_version":"1.0.0"}';
    const path = join(directory, 'flatnet');
    await place('flatnet', `#!/bin/sh\n[ "$1" = info ] && echo '${answer}'\n`, 0o755);
    expect(await inspectDrivers(['/nowhere', directory])).toEqual([
      { path, isSearched: true, isExecutable: true, problem: undefined, version: '0.5.0' },
    ]);
    await writeFile(path, '#!/bin/sh\necho no >&2; exit 3\n');
    expect(await inspectDrivers([directory])).toMatchObject([
      { isExecutable: true, problem: 'exit code 3: no' },
    ]);
    await rm(path);
    await place('flatnet', '', 0o644);
    expect(await inspectDrivers([directory])).toMatchObject([{ isExecutable: false, version: '' }]);
    expect(await inspectDrivers([])).toEqual([]);
  });

  it.each(['', '[]', '{"version":"1"}', '{"version":1,"api_version":"1"}', 'null'])(
    'takes %j for no answer',
    (text) => {
      expect(parseInfoAnswer(text)).toBeUndefined();
    },
  );
});

describe('networks of both kinds', () => {
  const file = (name: string, driver = 'flatnet') =>
    JSON.stringify({
      name,
      driver,
      id: 'a'.repeat(64),
      network_interface: `${name}0`,
      subnets: [{ subnet: '10.87.7.0/24' }],
      ipam_options: { driver: 'flatnet' },
    });
  const list = (name: string) =>
    JSON.stringify({
      cniVersion: '1.0.0',
      name,
      plugins: [{ type: 'flatnet', bridge: `${name}c`, ipam: { ranges: [[{ subnet: '10.87.8.0/24' }]] } }],
    });
  const found = () => readNetworkFiles({ cni: directory, netavark: directory });

  it('are found side by side, and only in files of their endings', async () => {
    await place('old.conflist', list('old'));
    await place('new.json', file('new'));
    await place('podman.json', file('podman', 'bridge'));
    await place('new.json.bak', file('new'));
    expect(networksIn(found(), 'netavark').map(({ name, backend }) => `${name} ${backend}`)).toEqual([
      'new netavark',
      'old cni',
    ]);
    expect(found().map(({ kind }) => kind)).toEqual(['flatnet', 'flatnet', 'other']);
  });

  it('count once where both define a network: by the file that Podman reads', async () => {
    await place('lab.conflist', list('lab'));
    await place('lab.json', file('lab'));
    const bridges = (backend: 'cni' | 'netavark' | undefined) =>
      networksIn(found(), backend).map(({ conf }) => conf.bridge);
    expect([bridges('cni'), bridges('netavark'), bridges(undefined)]).toEqual([['labc'], ['lab0'], ['labc']]);
  });

  it('have settings of their own names', async () => {
    await place('old.conflist', list('old'));
    await place('new.json', file('new'));
    expect(networksIn(found(), undefined).map((one) => [bridgeKey(one), mtuSetting(one, 1400)])).toEqual([
      ['"bridge"', '"mtu": 1400'],
      ['"network_interface"', '"options": {"mtu": "1400"}'],
    ]);
  });

  it('are suspected where the driver is misspelt, and where the file is damaged', async () => {
    await place('lab.json', file('lab', 'fltnet'));
    await place('flatnet.json', '{');
    await place('other.json', '{');
    expect(suspectsAmong(found()).map(({ why }) => why)).toEqual([
      expect.stringContaining('flatnet.json'),
      `${join(directory, 'lab.json')}: its driver is fltnet, not flatnet`,
    ]);
  });
});
