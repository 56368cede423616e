import type { IngressPolicy } from '../firewall/isolation.ts';
import type { MasqueradeBackend } from '../firewall/masquerade.ts';
import type { PortMapping } from '../firewall/ports.ts';
import type { Attachment, Pool } from '../ipam/types.ts';
import type { NamesSpec } from '../names/zone.ts';
import type { LinkSettings } from '../sys/netlink/link-settings.ts';
import type { Bandwidth } from '../veth/bandwidth.ts';
import type { ExpectedRoute, RouteSpec } from '../veth/plan.ts';
import type { CallContext } from './context.ts';

/** Resolver settings for the container engine. */
export interface DNS {
  readonly nameservers?: readonly string[] | undefined;
  readonly domain?: string | undefined;
  readonly search?: readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
}

/** Addresses in flatnet's own account. */
export interface PoolIpam {
  /**
   * `pool`: flatnet chooses one address per range set. `caller`: the runtime chooses, as Podman does with netavark; an
   * attachment gets exactly the addresses it requests, each in a subnet of the pool.
   */
  readonly from: 'pool' | 'caller';
  /** Of `pool`: all requested addresses of one range set are given, as netavark does, instead of one. */
  readonly givesAllRequested?: boolean;
  readonly pool: Pool;
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
  /** File that replaces absent resolver settings. Only attach reads it: detach must not fail without it. */
  readonly resolvConf: string | undefined;
  /** Directory of allocations.json; `undefined` for the default. */
  readonly dataDir: string | undefined;
}

export interface SourcedAddresses {
  /** `address` is a CIDR. */
  readonly ips: readonly { readonly address: string; readonly gateway?: string | undefined }[];
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
}

/** External address source: with CNI, a delegated IPAM plugin. */
export interface SourceIpam {
  readonly from: 'source';
  /** Plugin type: `host-local`. */
  readonly type: string;
  /** For messages: `IPAM plugin "host-local"`. */
  readonly name: string;
  readonly allocate: (ctx: CallContext) => Promise<SourcedAddresses>;
  readonly release: (ctx: CallContext) => Promise<void>;
  readonly check: (ctx: CallContext) => Promise<void>;
  readonly collect: (ctx: CallContext) => Promise<void>;
  readonly ready: (ctx: CallContext) => Promise<void>;
}

/** Validated and canonical. Fields are spelled like the keys of the reference `bridge` plugin. */
export interface NetworkSpec {
  readonly name: string;
  readonly bridge: string;
  /** The bridge is somebody else's: it gets ports, and is never made, changed or removed (netavark's `mode`). */
  readonly isUnmanaged?: boolean | undefined;
  /** The end in the sandbox stays down and gets no address. */
  readonly disableContainerInterface?: boolean | undefined;
  readonly isGateway: boolean;
  readonly isDefaultGateway: boolean;
  readonly forceAddress: boolean;
  readonly ipMasq: boolean;
  /** `undefined`: the one the machine has. */
  readonly ipMasqBackend: MasqueradeBackend | undefined;
  /** Source addresses that `ipMasq` takes instead of the leaving link's: canonical, at most one a family. */
  readonly outbound: readonly string[];
  /** Published ports answer the host on 127.0.0.1 and containers of the same subnet: with another source address. */
  readonly snat: boolean;
  /** All connections to published ports take the bridge's source address. */
  readonly masqAll: boolean;
  readonly mtu: number | undefined;
  readonly hairpinMode: boolean;
  readonly promiscMode: boolean;
  /** Insert accept rules where the host's other firewalls would drop what the bridge forwards. */
  readonly forwardAccept: boolean;
  /** Zone of firewalld that the bridge goes into; `undefined`: trusted. */
  readonly firewalldZone: string | undefined;
  /** Containers of the bridge cannot reach each other. */
  readonly portIsolation: boolean;
  /** Containers are held to their own MAC and addresses. */
  readonly macspoofchk: boolean;
  readonly ingressPolicy: IngressPolicy;
  /** Nothing is forwarded from or to the bridge. */
  readonly internal: boolean;
  /** Check IPv6 addresses for duplicates before use, which takes a second or two. */
  readonly enabledad: boolean;
  readonly ipam: PoolIpam | SourceIpam;
  readonly dns: DNS;
  /** `undefined`: names of containers do not resolve. */
  readonly names?: NamesSpec | undefined;
}

export interface AttachmentSpec {
  readonly containerID: string;
  readonly ifname: string;
  /** Path of the sandbox's network namespace; empty if it is gone. */
  readonly netns: string;
  readonly containerName: string | undefined;
  /** Further names of the container on this network; stored with its addresses. */
  readonly aliases?: readonly string[] | undefined;
  readonly mac: string | undefined;
  /** Canonical, without prefix. */
  readonly requestedIPs: readonly string[];
  readonly portMappings: readonly PortMapping[];
  /** Keys in file form. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly bandwidth: Bandwidth;
  /** Of the interface in the sandbox; `undefined`: as the kernel makes it. */
  readonly link?: LinkSettings | undefined;
  /** A further name of the host end, beside the one that flatnet derives. */
  readonly hostInterfaceName?: string | undefined;
  /** MTU of this pair, if not the network's: at most that of the bridge. */
  readonly mtu?: number | undefined;
  /**
   * Refuses addresses that the caller's answer has no room for.
   * @param families one entry per address.
   * @throws FlatnetError
   */
  readonly admit?: ((families: readonly (4 | 6)[]) => void) | undefined;
}

export interface Attached {
  readonly bridge: AttachedLink;
  readonly host: AttachedLink;
  /** The end in the sandbox. */
  readonly inside: AttachedLink & { readonly mtu: number };
  readonly addresses: readonly AttachedAddress[];
  readonly routes: readonly RouteSpec[];
  /** IPAM's resolver settings; the network's own are in `NetworkSpec.dns`. */
  readonly dns: DNS;
  /** The server that answers for names of containers, ahead of all others; empty if there is none. */
  readonly names: DNS;
}

export interface AttachedLink {
  readonly name: string;
  readonly mac: string | undefined;
}

export interface AttachedAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  readonly gateway: string | undefined;
}

/** An attachment as the caller of `attach` knows it, for comparison with the kernel. */
export interface Expected {
  /** MAC of the end in the sandbox; `undefined` if the caller was not told. */
  readonly mac: string | undefined;
  /** Compared where the configuration names one; `undefined` if the caller was not told. */
  readonly mtu?: number | undefined;
  /** MAC of a host link, by name. */
  readonly macOf: (link: string) => string | undefined;
  readonly ips: readonly ExpectedAddress[];
  readonly routes: readonly ExpectedRoute[];
}

/** `address` is a CIDR. */
export interface ExpectedAddress {
  readonly address: string;
  readonly gateway?: string | undefined;
}

/** An attachment and the call that works on it. */
export interface Job {
  readonly network: NetworkSpec;
  readonly spec: AttachmentSpec;
  /** The triple that identifies everything belonging to the attachment. */
  readonly attachment: Attachment;
  readonly ctx: CallContext;
}

export function jobOf(network: NetworkSpec, spec: AttachmentSpec, ctx: CallContext): Job {
  const { containerID, ifname } = spec;
  return { network, spec, ctx, attachment: { network: network.name, containerID, ifname } };
}

/** Address families of a network; both if a source decides. */
export function familiesOf(ipam: NetworkSpec['ipam']): readonly (4 | 6)[] {
  if (ipam.from === 'source') return [4, 6];
  return [...new Set(ipam.pool.sets.flatMap(([range]) => range?.family ?? []))];
}
