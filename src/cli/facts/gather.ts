import type { Context } from '../../sys/context.ts';
import { DEFAULT_DATA_DIR } from '../../ipam/store.ts';
import { diskUsage } from '../../sys/files/disk.ts';
import { showLinks, showRoutes } from '../../sys/process/ip.ts';
import { listNames, pathInfo, readText } from '../../sys/files/text-file.ts';
import { occupiedNetns } from '../../sys/occupied.ts';
import { findTool } from '../../sys/process/tool.ts';
import { readSysctl } from '../../sys/sysctl.ts';
import { isRoot } from '../../sys/user.ts';
import { LAYOUT } from '../layout.ts';
import type { FlatnetNetwork } from '../../cni/conflist.ts';
import { flatnetNetworks, readConflists } from '../network/find.ts';
import { inspectChained } from './chained.ts';
import { NO_CONTAINERS_CONF, readContainersConf } from '../../sys/containers-conf.ts';
import { type Facts, LOOKED_AT, type NetworkFacts, type Unseen } from './facts.ts';
import { inspectKernel } from './kernel.ts';
import { readLog } from './log.ts';
import { closedLinks, describeNetwork, inspectRules } from './networks.ts';
import { dataDirOf } from './pools.ts';
import { inspectOthers } from './others.ts';
import { inspectPlugins } from './plugin.ts';
import { inspectPodman, knowsNetwork, listContainers, type Podman } from './podman.ts';
import { inspectState } from './state.ts';
import { setsForwarding } from './sysctl-file.ts';
import { uplinkOf } from './uplink.ts';
import { inspectWsl } from './wsl.ts';

/** Where Podman looks for plugins unless containers.conf says otherwise (containers.conf(5), `cni_plugin_dirs`). */
const PLUGIN_DIRECTORIES = [
  '/usr/local/libexec/cni',
  '/usr/libexec/cni',
  '/usr/local/lib/cni',
  '/usr/lib/cni',
  '/opt/cni/bin',
];
const TOOLS = ['ip', 'nsenter', 'nft', 'iptables', 'podman', 'firewall-cmd', 'systemctl'];

/** Inspects the parts of a host; records a part that fails, and goes on. */
interface Look {
  readonly ctx: Context;
  readonly unseen: readonly Unseen[];
  readonly at: <T>(what: string, otherwise: T, look: () => T | Promise<T>) => Promise<T>;
}

function makeLook(ctx: Context): Look {
  const unseen: Unseen[] = [];
  return {
    ctx,
    unseen,
    at: async (what, otherwise, look) => {
      try {
        return await look();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        // Networks are inspected one by one; one entry is enough.
        if (!unseen.some((known) => known.what === what)) unseen.push({ what, why });
        return otherwise;
      }
    },
  };
}

function nameservers(text: string): readonly string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1] ?? '');
}

async function gatherNetworks(
  look: Look,
  networks: readonly FlatnetNetwork[],
  { links, routes, containers }: Pick<Facts, 'links' | 'routes' | 'containers'>,
): Promise<Pick<Facts, 'networks' | 'states'>> {
  // The default directory even if no network has it: it may hold addresses of a network whose file is unreadable.
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

async function unknownNetworks(
  podman: Podman | undefined,
  networks: readonly FlatnetNetwork[],
): Promise<Readonly<Record<string, string>>> {
  if (podman?.networkBackend !== 'cni') return {};
  const answers = await Promise.all(
    networks.map(async ({ name }) => ({ name, ...(await knowsNetwork(name)) })),
  );
  return Object.fromEntries(answers.flatMap(({ name, knows, said }) => (knows ? [] : [[name, said]])));
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

/** Files, except those of networks. */
async function gatherFiles(look: Look) {
  const directories = [LAYOUT.dataDirectory, LAYOUT.logDirectory];
  return {
    log: await look.at(LOOKED_AT.log, [], readLog),
    logBytes: await look.at(LOOKED_AT.log, 0, () => pathInfo(LAYOUT.log)?.size ?? 0),
    isLogRotated: pathInfo(LAYOUT.logrotateFile) !== undefined,
    disks: await look.at('the disks', [], () => directories.map(diskUsage)),
    nameservers: await look.at('/etc/resolv.conf', [], () => nameservers(readText('/etc/resolv.conf') ?? '')),
    hasResolvedFile: pathInfo('/run/systemd/resolve/resolv.conf') !== undefined,
    isForwardingPersistent: await look.at('the persistent settings', false, isForwardingPersistent),
  };
}

/** Other programs and all processes: slow, and needed by `doctor` only. */
async function askPrograms(look: Look, found: readonly FlatnetNetwork[], directories: readonly string[]) {
  const [podman, plugins, chained, heldByOthers] = await Promise.all([
    look.at(LOOKED_AT.podman, undefined, isRoot() ? inspectPodman : () => undefined),
    look.at('the plugin', [], () => inspectPlugins(directories)),
    look.at('the other plugins', [], () => inspectChained(found, directories)),
    look.at('addresses of others', [], () => inspectOthers(found, look.ctx)),
  ]);
  const unknownToPodman = await look.at('the networks of Podman', {}, () => unknownNetworks(podman, found));
  const occupied = await look.at('the processes', undefined, isRoot() ? occupiedNetns : () => undefined);
  const kernel = await look.at('the kernel', undefined, isRoot() ? inspectKernel : () => undefined);
  return { podman, plugins, chained, heldByOthers, unknownToPodman, occupied, kernel };
}

const NOT_ASKED = {
  podman: undefined,
  plugins: [],
  chained: [],
  heldByOthers: [],
  unknownToPodman: {},
  occupied: undefined,
  kernel: undefined,
};

/**
 * Gathers everything. Never throws.
 *
 * @param ctx of the command that asks.
 * @param depth `quick` skips askPrograms(); a screen that is redrawn needs no more.
 */
export async function gatherFacts(ctx: Context, depth: 'quick' | 'thorough' = 'thorough'): Promise<Facts> {
  const look = makeLook(ctx);
  const containersConf = await look.at('containers.conf', NO_CONTAINERS_CONF, () => readContainersConf());
  const networkDirectory = containersConf.networkDirectory ?? LAYOUT.networkDirectory;
  const pluginDirectories = containersConf.pluginDirectories ?? PLUGIN_DIRECTORIES;
  const files = await look.at('the network configurations', [], () => readConflists(networkDirectory));
  const found = flatnetNetworks(files);
  const [kernel, programs, settings, containers] = await Promise.all([
    gatherKernel(look),
    depth === 'thorough' ? askPrograms(look, found, pluginDirectories) : NOT_ASKED,
    gatherFiles(look),
    // Other users would see their own containers, which are not in our networks.
    look.at(LOOKED_AT.containers, [], isRoot() ? listContainers : () => []),
  ]);
  return {
    ...kernel,
    ...settings,
    ...programs,
    now: new Date(),
    isRoot: isRoot(),
    tools: Object.fromEntries(TOOLS.map((tool) => [tool, findTool(tool)])),
    pluginDirectories,
    networkDirectory,
    files,
    ...(await gatherNetworks(look, found, { ...kernel, containers })),
    containersConf,
    containers,
    wsl: await look.at('the surroundings in Windows', undefined, () => inspectWsl(kernel.links)),
    unseen: look.unseen,
  };
}
