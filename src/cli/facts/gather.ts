import type { Allocation } from '../../ipam/types.ts';
import type { Context } from '../../sys/context.ts';
import { DEFAULT_DATA_DIR } from '../../ipam/store.ts';
import { diskUsage } from '../../sys/files/disk.ts';
import { showLinks, showRoutes } from '../../sys/process/ip.ts';
import { listNames, pathInfo, readText } from '../../sys/files/text-file.ts';
import { findTool } from '../../sys/process/tool.ts';
import { readSysctl } from '../../sys/sysctl.ts';
import { isRoot } from '../../sys/user.ts';
import { LAYOUT } from '../layout.ts';
import { networkDirectories } from '../network/directory.ts';
import { type HostNetwork, networksIn } from '../network/host-network.ts';
import { readNetworkFiles } from '../network/find.ts';
import { inspectBackend, NO_BACKEND } from './backend.ts';
import { nameserversIn } from '../../input/resolv-conf.ts';
import { DRIVER_DIRECTORIES, NO_CONTAINERS_CONF, readContainersConf } from '../../sys/containers-conf.ts';
import { type Facts, isSeen, LOOKED_AT, type NetworkFacts } from './facts.ts';
import { isDnsmasqConfined, readDistribution } from './distribution.ts';
import { readLog } from './log.ts';
import { type Depth, inspectNames } from './names.ts';
import { closedLinks, describeNetwork, inspectRules } from './networks.ts';
import { dataDirOf } from './pools.ts';
import { type Look, makeLook } from './look.ts';
import { listContainers } from './podman.ts';
import { inspectGateway } from './gateway.ts';
import { askPrograms, NOT_ASKED } from './programs.ts';
import { inspectState } from './state.ts';
import { netnsIdAt } from '../../sys/netns-file.ts';
import { abandonedAmong } from './abandoned.ts';
import { setsForwarding } from './sysctl-file.ts';
import { uplinkOf } from './uplink.ts';
import { inspectWsl } from './wsl.ts';

/** Podman's default plugin directories (containers.conf(5), `cni_plugin_dirs`). */
const PLUGIN_DIRECTORIES = [
  '/usr/local/libexec/cni',
  '/usr/libexec/cni',
  '/usr/local/lib/cni',
  '/usr/lib/cni',
  '/opt/cni/bin',
];
const TOOLS = ['ip', 'nsenter', 'nft', 'iptables', 'podman', 'firewall-cmd', 'systemctl'];

async function gatherNetworks(
  look: Look,
  networks: readonly HostNetwork[],
  { links, routes, containers }: Pick<Facts, 'links' | 'routes' | 'containers'>,
): Promise<Pick<Facts, 'networks' | 'states'>> {
  // Always with the default directory: it may hold addresses of a network whose file is unreadable.
  const named = networks.map(({ conf }) => dataDirOf(conf) ?? DEFAULT_DATA_DIR);
  const directories = [...new Set([DEFAULT_DATA_DIR, ...named])];
  const states = await Promise.all(directories.map((directory) => inspectState(directory)));
  const uplink = uplinkOf({ links, routes })?.ifname;
  const found: NetworkFacts[] = [];
  for (const network of networks) {
    const state = states[directories.indexOf(dataDirOf(network.conf) ?? DEFAULT_DATA_DIR)];
    if (state === undefined) continue;
    const described = describeNetwork(network, links, state);
    const rules = await look.at(LOOKED_AT.packetFilter, undefined, () =>
      inspectRules(network, { state, containers, bridge: described.bridgeName }, look.ctx),
    );
    found.push({
      ...described,
      rules,
      closedLinks: closedLinks(network.conf, described.bridgeName, uplink),
    });
  }
  return { networks: found, states };
}

/** Links, routes and sysctls. */
async function gatherKernel(look: Look) {
  const [links, routes4, routes6] = await Promise.all([
    look.at(LOOKED_AT.links, [], () => showLinks({}, look.ctx)),
    look.at(LOOKED_AT.routes4, [], () => showRoutes(4, look.ctx)),
    look.at(LOOKED_AT.routes6, [], () => showRoutes(6, look.ctx)),
  ]);
  return {
    links,
    routes: [...routes4, ...routes6],
    ipForward: readSysctl('net/ipv4/ip_forward'),
    ip6Forward: readSysctl('net/ipv6/conf/all/forwarding'),
    bridgeNfCall: readSysctl('net/bridge/bridge-nf-call-iptables'),
  };
}

function isForwardingPersistent(): boolean {
  const directory = '/etc/sysctl.d';
  const files = ['/etc/sysctl.conf', ...listNames(directory).map((name) => `${directory}/${name}`)];
  return files.some(setsForwarding);
}

async function gatherFiles(look: Look) {
  const directories = [LAYOUT.dataDirectory, LAYOUT.logDirectory];
  return {
    log: await look.at(LOOKED_AT.log, [], readLog),
    logBytes: await look.at(LOOKED_AT.log, 0, () => pathInfo(LAYOUT.log)?.size ?? 0),
    isLogRotated: pathInfo(LAYOUT.logrotateFile) !== undefined,
    disks: await look.at('the disks', [], () => directories.map(diskUsage)),
    nameservers: await look.at('/etc/resolv.conf', [], () =>
      nameserversIn(readText('/etc/resolv.conf') ?? ''),
    ),
    hasResolvedFile: pathInfo('/run/systemd/resolve/resolv.conf') !== undefined,
    isForwardingPersistent: await look.at('the persistent settings', false, isForwardingPersistent),
    distribution: await look.at('the distribution', [], readDistribution),
  };
}

/** Where networks, plugins and the driver are, and which backend reads them. */
async function gatherPlaces(look: Look) {
  const containersConf = await look.at('containers.conf', NO_CONTAINERS_CONF, () => readContainersConf());
  const directories = networkDirectories(containersConf);
  return {
    containersConf,
    directories,
    pluginDirectories: containersConf.pluginDirectories ?? PLUGIN_DIRECTORIES,
    driverDirectories: containersConf.driverDirectories ?? DRIVER_DIRECTORIES,
    backend: await look.at("Podman's backend", NO_BACKEND, () => inspectBackend(containersConf, directories)),
    files: await look.at('the network configurations', [], () => readNetworkFiles(directories)),
  };
}

async function gatherNames(
  look: Look,
  networks: readonly HostNetwork[],
  depth: Depth,
): Promise<Pick<Facts, 'names' | 'isDnsmasqConfined'>> {
  if (!isRoot()) return { names: [], isDnsmasqConfined: false };
  return {
    names: await look.at(LOOKED_AT.names, [], () => inspectNames(networks, depth, look.ctx)),
    isDnsmasqConfined: await look.at('the profiles of AppArmor', false, isDnsmasqConfined),
  };
}

/** None where Podman or the processes were not seen: then nothing tells who is gone. */
function findAbandoned(
  { podman, occupied, containers, unseen }: Pick<Facts, 'podman' | 'occupied' | 'containers' | 'unseen'>,
  states: Facts['states'],
): readonly Allocation[] {
  if (podman === undefined || podman.isRootless || occupied === undefined) return [];
  if (!isSeen({ unseen }, 'containers')) return [];
  const known = new Set(containers.map(({ id }) => id));
  const allocations = states.flatMap((state) => state.allocations);
  return abandonedAmong(allocations, { now: new Date(), known, occupied, idAt: netnsIdAt });
}

/**
 * Gathers everything. Never throws.
 *
 * @param ctx of the command that asks.
 * @param depth `quick` skips askPrograms(); a screen that is redrawn needs no more.
 */
export async function gatherFacts(ctx: Context, depth: 'quick' | 'thorough' = 'thorough'): Promise<Facts> {
  const look = makeLook(ctx);
  const places = await gatherPlaces(look);
  const found = networksIn(places.files, places.backend.inUse);
  const [kernel, programs, settings, containers] = await Promise.all([
    gatherKernel(look),
    depth === 'thorough' ? askPrograms(look, found, places) : NOT_ASKED,
    gatherFiles(look),
    // Another user's Podman lists that user's containers, which are not in our networks.
    look.at(LOOKED_AT.containers, [], isRoot() ? listContainers : () => []),
  ]);
  const described = await gatherNetworks(look, found, { ...kernel, containers });
  const allocations = described.states.flatMap((state) => state.allocations);
  const unreadable = described.states.flatMap(({ condition, path }) =>
    condition === 'unreadable' ? [path] : [],
  );
  return {
    ...kernel,
    ...settings,
    ...programs,
    ...places,
    now: new Date(),
    isRoot: isRoot(),
    tools: Object.fromEntries(TOOLS.map((tool) => [tool, findTool(tool)])),
    ...described,
    ...(await gatherNames(look, found, { isQuick: depth === 'quick', allocations, unreadable })),
    containers,
    abandoned: findAbandoned({ ...programs, containers, unseen: look.unseen }, described.states),
    gateway:
      depth === 'thorough' && isRoot() ? await look.at('the gateway', undefined, inspectGateway) : undefined,
    wsl: await look.at('the WSL environment', undefined, () => inspectWsl(kernel.links)),
    unseen: look.unseen,
  };
}
