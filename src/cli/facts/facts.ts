import type { MasqueradeBackend, SourceNat } from '../../firewall/masquerade.ts';
import type { Allocation } from '../../ipam/types.ts';
import type { DiskUsage } from '../../sys/files/disk.ts';
import type { LinkInfo, RouteInfo } from '../../sys/process/ip.ts';
import type { HostFile, HostNetwork, NetworkDirectories } from '../network/host-network.ts';
import type { BackendFacts } from './backend.ts';
import type { ChainedPlugin } from './chained.ts';
import type { ContainersConf } from '../../sys/containers-conf.ts';
import type { DriverFacts } from './drivers.ts';
import type { GatewayFacts } from './gateway.ts';
import type { KernelFacts } from './kernel.ts';
import type { LogLine } from './log.ts';
import type { NamesFacts } from './names.ts';
import type { HeldByOther } from './others.ts';
import type { PluginFacts } from './plugin.ts';
import type { Podman, PodmanContainer } from './podman.ts';
import type { Change, Running } from './running.ts';
import type { StateFacts } from './state.ts';
import type { Wsl } from './wsl.ts';

export interface RuleFacts {
  readonly backend: MasqueradeBackend;
  /** Subnets whose packets leave with an address of the host. */
  readonly nat: readonly SourceNat[];
  /** Missing published ports and other rules of its containers, one sentence each. */
  readonly missing: readonly string[];
  /** Missing published ports that are known from Podman only, one sentence each. */
  readonly lost: readonly string[];
  /** Chains that may block its packets at the forward hook, one sentence each. */
  readonly forwardGaps: readonly string[];
}

export interface NetworkFacts {
  readonly network: HostNetwork;
  /** CIDR texts of the subnets its addresses come from; none where another plugin gives them. */
  readonly subnets: readonly string[];
  /** CIDRs of the bridge's gateway addresses: those of running containers, else the configured ones. */
  readonly gateways: readonly string[];
  /** CIDRs to masquerade: those of running containers, else the configured ones. */
  readonly masquerade: readonly string[];
  readonly size: bigint;
  /** Number of addresses in use; with several range sets, one of each counts as one. */
  readonly used: number;
  /** The bridge of its running containers, else the configured one. */
  readonly bridgeName: string;
  readonly bridge: LinkInfo | undefined;
  /** Host veths that carry this network's name, whether attached to the bridge or not. */
  readonly ports: readonly LinkInfo[];
  readonly running: readonly Running[];
  readonly changes: readonly Change[];
  /** Links on the path of its packets whose own `forwarding` sysctl is 0. */
  readonly closedLinks: readonly string[];
  /** `undefined` if the packet filter cannot be read. */
  readonly rules: RuleFacts | undefined;
  /** In numerical order. */
  readonly allocations: readonly Allocation[];
  readonly state: StateFacts;
}

export interface Unseen {
  readonly what: string;
  readonly why: string;
}

/** Everything the command line knows about a host. Gathered once; the checks are pure. */
export interface Facts {
  readonly now: Date;
  readonly isRoot: boolean;
  /** Tool -> path, `undefined` if not installed. */
  readonly tools: Readonly<Record<string, string | undefined>>;
  readonly plugins: readonly PluginFacts[];
  readonly pluginDirectories: readonly string[];
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
  /** Names of the networks that have them, and of zones that no file defines. */
  readonly names: readonly NamesFacts[];
  /** What the distribution calls itself and those it is like: `ubuntu`, `debian`. */
  readonly distribution: readonly string[];
  readonly isDnsmasqConfined: boolean;
  /** The default data directory and those that networks name, once each. */
  readonly states: readonly StateFacts[];
  readonly links: readonly LinkInfo[];
  readonly routes: readonly RouteInfo[];
  /** Network namespaces with a process in them, as `dev:inode`; `undefined` if not inspected. */
  readonly occupied: ReadonlySet<string> | undefined;
  /** Attachments that `flatnet ipam gc` would remove, because Podman has forgotten their containers. */
  readonly abandoned: readonly Allocation[];
  readonly ipForward: string | undefined;
  readonly ip6Forward: string | undefined;
  /** `1` if bridged packets also pass iptables' FORWARD. */
  readonly bridgeNfCall: string | undefined;
  readonly isForwardingPersistent: boolean;
  readonly containersConf: ContainersConf;
  /** `undefined` if Podman is not installed or was not asked. */
  readonly podman: Podman | undefined;
  /** Including stopped ones. */
  readonly containers: readonly PodmanContainer[];
  /** Networks that Podman does not list, each with Podman's stderr. */
  readonly unknownToPodman: Readonly<Record<string, string>>;
  readonly disks: readonly DiskUsage[];
  readonly nameservers: readonly string[];
  readonly hasResolvedFile: boolean;
  readonly log: readonly LogLine[];
  readonly logBytes: number;
  readonly isLogRotated: boolean;
  /** `undefined` if not inspected. */
  readonly kernel: KernelFacts | undefined;
  /** `undefined` where none is enabled. */
  readonly gateway: GatewayFacts | undefined;
  readonly wsl: Wsl | undefined;
  readonly unseen: readonly Unseen[];
}

/** Names in `unseen`: a check must tell "does not exist" from "cannot be seen". */
export const LOOKED_AT = {
  links: 'the network interfaces',
  routes4: 'the IPv4 routes',
  routes6: 'the IPv6 routes',
  log: 'the log',
  packetFilter: 'the packet filter',
  podman: 'Podman',
  containers: "Podman's containers",
  names: 'the names of containers',
} as const;

export function isSeen(facts: Pick<Facts, 'unseen'>, what: keyof typeof LOOKED_AT): boolean {
  return !facts.unseen.some((unseen) => unseen.what === LOOKED_AT[what]);
}
