import { describe, expect, it } from 'vitest';
import { checkPlugin } from '../../../src/cli/doctor/plugin.ts';
import { checkPodman } from '../../../src/cli/doctor/podman.ts';
import { backendInUse, type BackendSources } from '../../../src/cli/facts/backend.ts';
import type { DriverFacts } from '../../../src/cli/facts/drivers.ts';
import type { Facts } from '../../../src/cli/facts/facts.ts';
import { networksIn } from '../../../src/cli/network/host-network.ts';
import { inspectConflist } from '../../../src/cni/conflist.ts';
import { inspectNetworkFile } from '../../../src/netavark/network-file.ts';
import { DRIVER_DIRECTORIES } from '../../../src/sys/containers-conf.ts';

const DRIVER: DriverFacts = {
  path: '/usr/local/libexec/netavark/flatnet',
  isSearched: true,
  isExecutable: true,
  problem: undefined,
  version: '0.5.0',
};
const NETAVARK = { path: '/usr/lib/podman/netavark', version: '1.14.0', canRunDrivers: true };
const OLD_NETAVARK = { path: '/usr/lib/podman/netavark', version: '1.4.0', canRunDrivers: false };
const FILE = {
  name: 'flatnet',
  id: 'a'.repeat(64),
  driver: 'flatnet',
  network_interface: 'flatnet-br0',
  subnets: [{ subnet: '10.87.1.0/24', gateway: '10.87.1.1' }],
  ipam_options: { driver: 'flatnet' },
};
const LIST = {
  cniVersion: '1.0.0',
  name: 'flatnet',
  plugins: [
    {
      type: 'flatnet',
      bridge: 'flatnet-br0',
      isGateway: true,
      ipMasq: true,
      ipam: { ranges: [[{ subnet: '10.87.1.0/24', gateway: '10.87.1.1' }]] },
      capabilities: { portMappings: true },
    },
  ],
};
const json = inspectNetworkFile(JSON.stringify(FILE), '/etc/containers/networks/flatnet.json');
const conflist = inspectConflist(JSON.stringify(LIST), '/etc/cni/net.d/flatnet.conflist');

interface Host {
  readonly sources?: Partial<BackendSources>;
  readonly drivers?: readonly DriverFacts[];
  readonly driverDirectories?: readonly string[];
  readonly files?: readonly (typeof json | typeof conflist)[];
  readonly confFiles?: readonly string[];
}

/** What the checks look at, of a machine with Podman. */
function factsOf({ sources, drivers = [DRIVER], files = [json], ...more }: Host): Facts {
  const known = {
    podman: '5.4.2',
    netavark: NETAVARK,
    configured: undefined,
    stored: undefined,
    hasConflists: false,
    ...sources,
  };
  const backend = { ...known, ...backendInUse(known) };
  const facts = {
    isRoot: true,
    backend,
    drivers,
    driverDirectories: more.driverDirectories ?? DRIVER_DIRECTORIES,
    directories: { cni: '/etc/cni/net.d', netavark: '/etc/containers/networks' },
    containersConf: { files: more.confFiles ?? [], broken: [] },
    podman: { version: known.podman, networkBackend: backend.inUse, isRootless: false },
    files,
    networks: networksIn(files, backend.inUse).map((network) => ({
      network,
      subnets: ['10.87.1.0/24'],
      allocations: [],
      state: { dead: [] },
    })),
    unknownToPodman: {},
    containers: [],
    unseen: [],
    plugins: [],
    pluginDirectories: ['/opt/cni/bin'],
    chained: [],
    log: [],
    now: new Date(0),
  };
  return facts as unknown as Facts;
}

function troubles(host: Host) {
  return checkPodman(factsOf(host)).filter(({ status }) => status === 'fail' || status === 'warning');
}

describe('Podman on netavark', () => {
  it('is fine with a driver that answers; backend, version, reason and directory are named', () => {
    expect(troubles({})).toEqual([]);
    expect(checkPodman(factsOf({})).map(({ message }) => message)).toEqual([
      'Podman 5.4.2 uses netavark 1.14.0, because Podman 5.4.2 knows no other; its networks are in /etc/containers/networks',
      '/usr/local/libexec/netavark/flatnet is flatnet 0.5.0',
      'no container runs in these networks',
    ]);
  });

  it.each<[string, Host, string, string]>([
    [
      'no driver',
      { drivers: [] },
      'there is no driver "flatnet" in /usr/local/libexec',
      'sudo flatnet install',
    ],
    [
      'a driver that is not executable',
      { drivers: [{ ...DRIVER, isExecutable: false }] },
      'is not executable',
      'sudo chmod 755 /usr/local/libexec/netavark/flatnet',
    ],
    [
      'a driver that gives no answer',
      { drivers: [{ ...DRIVER, problem: 'exit code 3' }] },
      'does not answer as a driver: exit code 3',
      'sudo flatnet install',
    ],
    [
      'other directories in containers.conf',
      {
        drivers: [{ ...DRIVER, isSearched: false }],
        driverDirectories: ['/opt/drivers'],
        confFiles: ['/etc/containers/containers.conf'],
      },
      'netavark_plugin_dirs names only /opt/drivers',
      'sudo mkdir -p /opt/drivers && sudo ln -s /usr/local/libexec/netavark/flatnet /opt/drivers/flatnet',
    ],
    [
      'two drivers',
      { drivers: [DRIVER, { ...DRIVER, path: '/usr/lib/netavark/flatnet' }] },
      'netavark uses /usr/local/libexec/netavark/flatnet',
      'sudo rm /usr/lib/netavark/flatnet',
    ],
    ['no netavark', { sources: { netavark: undefined } }, 'finds no netavark', 'apt-get install netavark'],
    [
      'a netavark without drivers',
      { sources: { netavark: OLD_NETAVARK } },
      'is 1.4.0, which knows no drivers',
      'netavark 1.6 or newer',
    ],
    [
      'a netavark of another generation',
      { sources: { podman: '6.0.1' } },
      'Podman 6.0.1 is made for netavark 2, not for 1.14.0',
      'apt-get install podman netavark',
    ],
    [
      'a conflist, which it does not read',
      { files: [conflist] },
      'does not read /etc/cni/net.d/flatnet.conflist',
      'sudo flatnet migrate flatnet --to netavark',
    ],
  ])('names %s, and what to do', (_, host, message, suggestion) => {
    const [finding, ...others] = troubles(host);
    expect(others).toEqual([]);
    expect(finding?.message).toContain(message);
    expect(finding?.suggestion).toContain(suggestion);
  });

  it('needs no plugin of CNI, unless a conflist is there for another runtime', () => {
    const status = (host: Host) =>
      checkPlugin(factsOf(host)).find(({ name }) => name === 'executable')?.status;
    expect([status({}), status({ files: [conflist] })]).toEqual(['skipped', 'fail']);
  });

  it('names a damaged network of the driver', () => {
    const damaged = inspectNetworkFile('{"driver": "flatnet"', '/etc/containers/networks/flatnet.json');
    const finding = checkPlugin(factsOf({ files: [damaged] })).find(({ name }) => name === 'network file');
    expect(finding).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('/etc/containers/networks/flatnet.json'),
      suggestion: 'sudoedit /etc/containers/networks/flatnet.json',
    });
  });
});

describe('Podman 4', () => {
  const trap = { podman: '4.9.3', netavark: OLD_NETAVARK };

  it('is fine on CNI', () => {
    expect(troubles({ sources: { ...trap, configured: 'cni' }, files: [conflist] })).toEqual([]);
  });

  it('is told to use CNI where its netavark knows no drivers', () => {
    const [finding] = troubles({ sources: trap, files: [] });
    expect(finding).toMatchObject({ name: 'network backend', status: 'fail' });
    expect(finding?.message).toContain('Podman 4.9.3 uses netavark 1.4.0');
    expect(finding?.suggestion).toContain('network_backend = "cni"');
  });

  it('may use the driver from 4.5 and netavark 1.6 on', () => {
    expect(troubles({ sources: { podman: '4.9.4', netavark: NETAVARK } })).toEqual([]);
    expect(troubles({ sources: { podman: '4.4.1', netavark: NETAVARK } })[0]?.suggestion).toContain('cni');
  });

  it('on CNI does not read networks of netavark', () => {
    const [finding] = troubles({ sources: { ...trap, configured: 'cni' } });
    expect(finding?.message).toContain('does not read /etc/containers/networks/flatnet.json');
    expect(finding?.suggestion).toBe('sudo flatnet migrate flatnet --to cni');
  });
});
