import type { MasqueradeBackend } from '../../firewall/masquerade.ts';
import type { Allocation } from '../../ipam/types.ts';
import type { DiskUsage } from '../../sys/files/disk.ts';
import type { LinkInfo, RouteInfo } from '../../sys/process/ip.ts';
import type { HostFile, HostNetwork, NetworkDirectories } from '../network/host-network.ts';
import type { BackendFacts } from './backend.ts';
import type { ChainedPlugin } from './chained.ts';
import type { ContainersConf } from '../../sys/containers-conf.ts';
import type { DriverFacts } from './drivers.ts';
import type { KernelFacts } from './kernel.ts';
import type { LogLine } from './log.ts';
import type { HeldByOther } from './others.ts';
import type { PluginFacts } from './plugin.ts';
import type { Podman, PodmanContainer } from './podman.ts';
import type { Change, Running } from './running.ts';
import type { StateFacts } from './state.ts';
import type { Wsl } from './wsl.ts';

/** The rules of a network that are present, and those that are missing. */
export interface RuleFacts {
  readonly backend: MasqueradeBackend;
  /** CIDR texts of the subnets whose packets leave with the host's address. */
  readonly masqueraded: readonly string[];
  /** Missing published ports and other rules of its containers, one sentence each. */
  readonly missing: readonly string[];
  /** Missing published ports that only Podman knows of, one sentence each. */
  readonly lost: readonly string[];
  /** Chains that may block its packets at the forward hook, one sentence each. */
  readonly forwardGaps: readonly string[];
}

/** A network, with its links, rules and addresses. */
export interface NetworkFacts {
  readonly network: HostNetwork;
  /** CIDR texts of the subnets its addresses come from; none where another plugin gives them. */
  readonly subnets: readonly string[];
  /** CIDR texts of the gateway addresses its bridge should have: those of running containers, else the configured ones. */
  readonly gateways: readonly string[];
  /** CIDR texts of the subnets to masquerade: those of running containers, else the configured ones. */
  readonly masquerade: readonly string[];
  /** How many addresses it can give out. */
  readonly size: bigint;
  /** How many of them are in use; of each range set one where there are several. */
  readonly used: number;
  /** The bridge its containers are on; without containers, the configured one. */
  readonly bridgeName: string;
  readonly bridge: LinkInfo | undefined;
  /** Host veths that carry this network's name, ports of the bridge or not. */
  readonly ports: readonly LinkInfo[];
  readonly running: readonly Running[];
  /** Differences between the configuration and the settings of running containers. */
  readonly changes: readonly Change[];
  /** Links on the path of its packets whose own `forwarding` sysctl is 0. */
  readonly closedLinks: readonly string[];
  /** `undefined` where the packet filter cannot be read. */
  readonly rules: RuleFacts | undefined;
  /** Addresses in use, in numerical order. */
  readonly allocations: readonly Allocation[];
  readonly state: StateFacts;
}

/** A part of the host that could not be inspected. */
export interface Unseen {
  readonly what: string;
  readonly why: string;
}

/** Everything the command line knows about a host. Gathered once; the checks are pure. */
export interface Facts {
  readonly now: Date;
  readonly isRoot: boolean;
  /** Tool -> path, `undefined` when it is not installed. */
  readonly tools: Readonly<Record<string, string | undefined>>;
  readonly plugins: readonly PluginFacts[];
  readonly pluginDirectories: readonly string[];
  /** Other plugins that the lists of flatnet's networks name. */
  readonly chained: readonly ChainedPlugin[];
  /** Addresses of our networks held by containers of other plugins, or by neighbours. */
  readonly heldByOthers: readonly HeldByOther[];
  /** Copies of the driver of netavark, those first that netavark finds. */
  readonly drivers: readonly DriverFacts[];
  readonly driverDirectories: readonly string[];
  /** Podman's network backend, found without asking Podman. */
  readonly backend: BackendFacts;
  readonly directories: NetworkDirectories;
  readonly files: readonly HostFile[];
  readonly networks: readonly NetworkFacts[];
  /** The usual data directory and those that networks name, once each. */
  readonly states: readonly StateFacts[];
  readonly links: readonly LinkInfo[];
  readonly routes: readonly RouteInfo[];
  /** Network namespaces that a process is in, as `dev:inode`; `undefined` where that was not inspected. */
  readonly occupied: ReadonlySet<string> | undefined;
  readonly ipForward: string | undefined;
  readonly ip6Forward: string | undefined;
  /** `1` where bridged packets pass iptables' FORWARD too. */
  readonly bridgeNfCall: string | undefined;
  /** Whether a file sets ip_forward at boot. */
  readonly isForwardingPersistent: boolean;
  readonly containersConf: ContainersConf;
  /** `undefined` when Podman is not installed, or was not asked. */
  readonly podman: Podman | undefined;
  /** Podman's containers, stopped ones too. */
  readonly containers: readonly PodmanContainer[];
  /** Networks Podman does not list, with what it said. */
  readonly unknownToPodman: Readonly<Record<string, string>>;
  readonly disks: readonly DiskUsage[];
  /** `nameserver` lines of /etc/resolv.conf. */
  readonly nameservers: readonly string[];
  readonly hasResolvedFile: boolean;
  readonly log: readonly LogLine[];
  readonly logBytes: number;
  readonly isLogRotated: boolean;
  /** `undefined` when it was not inspected. */
  readonly kernel: KernelFacts | undefined;
  readonly wsl: Wsl | undefined;
  readonly unseen: readonly Unseen[];
}

/** Names in `unseen`, so that a check can tell "does not exist" from "cannot be seen". */
export const LOOKED_AT = {
  links: 'the network interfaces',
  routes4: 'the IPv4 routes',
  routes6: 'the IPv6 routes',
  log: 'the log',
  packetFilter: 'the packet filter',
  podman: 'Podman',
  containers: "Podman's containers",
} as const;

/** Whether a part of the host could be inspected. */
export function isSeen(facts: Facts, what: keyof typeof LOOKED_AT): boolean {
  return !facts.unseen.some((unseen) => unseen.what === LOOKED_AT[what]);
}
