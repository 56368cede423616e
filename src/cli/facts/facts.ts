import type { MasqueradeBackend } from '../../firewall/masquerade.ts';
import type { Allocation } from '../../ipam/types.ts';
import type { DiskUsage } from '../../sys/files/disk.ts';
import type { LinkInfo, RouteInfo } from '../../sys/process/ip.ts';
import type { ConflistFile, FlatnetNetwork } from '../../cni/conflist.ts';
import type { ChainedPlugin } from './chained.ts';
import type { ContainersConf } from './containers-conf.ts';
import type { KernelFacts } from './kernel.ts';
import type { LogLine } from './log.ts';
import type { HeldByOther } from './others.ts';
import type { PluginFacts } from './plugin.ts';
import type { Podman, PodmanContainer } from './podman.ts';
import type { Change, Running } from './running.ts';
import type { StateFacts } from './state.ts';
import type { Wsl } from './wsl.ts';

/** What the packet filter has, and has not, of a network. */
export interface RuleFacts {
  /** What masquerades it. */
  readonly backend: MasqueradeBackend;
  /** CIDR texts of the subnets whose packets leave with the host's address. */
  readonly masqueraded: readonly string[];
  /** Published ports and other rules of its containers that are gone, one sentence each. */
  readonly missing: readonly string[];
  /** Published ports, as Podman knows them, that are gone and that nothing here remembers, one sentence each. */
  readonly lost: readonly string[];
  /** What may stop its packets at the forward hook, one sentence each. */
  readonly forwardGaps: readonly string[];
}

/** A network and what the kernel and the state have of it. */
export interface NetworkFacts {
  readonly network: FlatnetNetwork;
  /** CIDR texts of the subnets its addresses come from; none where another plugin gives them. */
  readonly subnets: readonly string[];
  /** CIDR texts of the gateway addresses its bridge should have: those of what runs, before that the configured ones. */
  readonly gateways: readonly string[];
  /** CIDR texts of the subnets that should be masqueraded if any: those of what runs, before that the configured ones. */
  readonly masquerade: readonly string[];
  /** How many addresses it can give out. */
  readonly size: bigint;
  /** How many of them are in use; of each range set one where there are several. */
  readonly used: number;
  /** Name of the bridge that its containers are on; before there are any, the configured one. */
  readonly bridgeName: string;
  readonly bridge: LinkInfo | undefined;
  /** Host veths that carry this network's name, ports of the bridge or not. */
  readonly ports: readonly LinkInfo[];
  /** What the containers behind the ports were attached with. */
  readonly running: readonly Running[];
  /** What the configuration says by now, and they were attached without. */
  readonly changes: readonly Change[];
  /** Links on the way of its packets that do not forward IPv4, whatever holds for the host as a whole. */
  readonly closedLinks: readonly string[];
  /** `undefined` where the packet filter could not be looked at. */
  readonly rules: RuleFacts | undefined;
  /** Addresses in use, in numerical order. */
  readonly allocations: readonly Allocation[];
  readonly state: StateFacts;
}

/** What could not be looked at. */
export interface Unseen {
  readonly what: string;
  readonly why: string;
}

/** Everything the command line knows of a host. Gathered once; all judging is pure. */
export interface Facts {
  readonly now: Date;
  readonly isRoot: boolean;
  /** Tool -> path, `undefined` when it is not installed. */
  readonly tools: Readonly<Record<string, string | undefined>>;
  readonly plugins: readonly PluginFacts[];
  readonly pluginDirectories: readonly string[];
  /** Other plugins that the lists of flatnet's networks name. */
  readonly chained: readonly ChainedPlugin[];
  /** Addresses of networks that containers of other plugins, or neighbours, have. */
  readonly heldByOthers: readonly HeldByOther[];
  readonly networkDirectory: string;
  readonly files: readonly ConflistFile[];
  readonly networks: readonly NetworkFacts[];
  /** The usual data directory and those that networks name, once each. */
  readonly states: readonly StateFacts[];
  readonly links: readonly LinkInfo[];
  readonly routes: readonly RouteInfo[];
  /** Network namespaces that a process is in, as `dev:inode`; `undefined` where nobody looked, or could. */
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
  /** `undefined` when it was not asked, or nobody but root may. */
  readonly kernel: KernelFacts | undefined;
  readonly wsl: Wsl | undefined;
  readonly unseen: readonly Unseen[];
}

/** Names of what is looked at, for those who have to tell "is not there" from "cannot be seen". */
export const LOOKED_AT = {
  links: 'the network interfaces',
  routes4: 'the IPv4 routes',
  routes6: 'the IPv6 routes',
  log: 'the log',
  packetFilter: 'the packet filter',
  podman: 'Podman',
  containers: "Podman's containers",
} as const;

/** Whether something could be looked at. */
export function isSeen(facts: Facts, what: keyof typeof LOOKED_AT): boolean {
  return !facts.unseen.some((unseen) => unseen.what === LOOKED_AT[what]);
}
