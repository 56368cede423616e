import type { IngressPolicy } from '../firewall/isolation.ts';
import type { MasqueradeBackend } from '../firewall/masquerade.ts';
import type { PortMapping } from '../firewall/ports.ts';
import type { Attachment, Pool } from '../ipam/types.ts';
import type { Bandwidth } from '../veth/bandwidth.ts';
import type { ExpectedRoute, RouteSpec } from '../veth/plan.ts';
import type { CallContext } from './context.ts';

/** Resolver settings, handed on to the container engine. */
export interface DNS {
  readonly nameservers?: readonly string[] | undefined;
  readonly domain?: string | undefined;
  readonly search?: readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
}

/** Addresses that flatnet keeps account of. */
export interface PoolIpam {
  /**
   * `pool`: flatnet chooses, and gives one address per range set. `caller`: the runtime has chosen, as Podman does with
   * netavark; an attachment gets the addresses it asks for, each in a subnet of the pool, and no others.
   */
  readonly from: 'pool' | 'caller';
  readonly pool: Pool;
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
  /** File whose resolver settings stand in for absent ones. Only attach reads it: detach must not fail for want of it. */
  readonly resolvConf: string | undefined;
  /** Directory of allocations.json; `undefined` for the default. */
  readonly dataDir: string | undefined;
}

/** The answer of an address source. */
export interface SourcedAddresses {
  /** `address` is a CIDR. */
  readonly ips: readonly { readonly address: string; readonly gateway?: string | undefined }[];
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
}

/** Addresses from an external source: with CNI, a delegated IPAM plugin. */
export interface SourceIpam {
  readonly from: 'source';
  /** Type of the plugin: `host-local`. */
  readonly type: string;
  /** As messages name it: `IPAM plugin "host-local"`. */
  readonly name: string;
  readonly allocate: (ctx: CallContext) => Promise<SourcedAddresses>;
  readonly release: (ctx: CallContext) => Promise<void>;
  readonly check: (ctx: CallContext) => Promise<void>;
  readonly collect: (ctx: CallContext) => Promise<void>;
  readonly ready: (ctx: CallContext) => Promise<void>;
}

/** A network, checked and canonical. Fields are spelled as the reference `bridge` plugin spells its keys. */
export interface NetworkSpec {
  readonly name: string;
  readonly bridge: string;
  readonly isGateway: boolean;
  readonly isDefaultGateway: boolean;
  readonly forceAddress: boolean;
  readonly ipMasq: boolean;
  /** `undefined`: what the machine has. */
  readonly ipMasqBackend: MasqueradeBackend | undefined;
  readonly mtu: number | undefined;
  readonly hairpinMode: boolean;
  readonly promiscMode: boolean;
  /** Insert accept rules where the host's other firewalls would stop what the bridge forwards. */
  readonly forwardAccept: boolean;
  /** Containers of the bridge do not reach each other. */
  readonly portIsolation: boolean;
  /** The container is held to its own MAC and addresses. */
  readonly macspoofchk: boolean;
  readonly ingressPolicy: IngressPolicy;
  /** Nothing is forwarded from or to the bridge. */
  readonly internal: boolean;
  /** Check IPv6 addresses for duplicates before they are used, which takes a second or two. */
  readonly enabledad: boolean;
  readonly ipam: PoolIpam | SourceIpam;
  readonly dns: DNS;
}

/** One attachment of a network: whose it is, and what it asks for. */
export interface AttachmentSpec {
  readonly containerID: string;
  readonly ifname: string;
  /** Path of the sandbox's network namespace; empty where it is gone. */
  readonly netns: string;
  readonly containerName: string | undefined;
  /** Further names of the container on this network; remembered with its addresses. */
  readonly aliases?: readonly string[] | undefined;
  /** The MAC asked for. */
  readonly mac: string | undefined;
  /** Addresses asked for, canonical, without prefix. */
  readonly requestedIPs: readonly string[];
  readonly portMappings: readonly PortMapping[];
  /** Sysctls of the sandbox, keys in file form. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly bandwidth: Bandwidth;
  /**
   * Refuses addresses that the caller's protocol has no room for in its answer.
   *
   * @param families of the addresses, one entry each.
   * @throws FlatnetError
   */
  readonly admit?: ((families: readonly (4 | 6)[]) => void) | undefined;
}

/** An attachment as `attach` made it. */
export interface Attached {
  readonly bridge: AttachedLink;
  readonly host: AttachedLink;
  /** The end in the sandbox. */
  readonly inside: AttachedLink & { readonly mtu: number };
  readonly addresses: readonly AttachedAddress[];
  readonly routes: readonly RouteSpec[];
  /** IPAM's resolver settings; the network's own are in `NetworkSpec.dns`. */
  readonly dns: DNS;
}

/** A link of an attachment. */
export interface AttachedLink {
  readonly name: string;
  readonly mac: string | undefined;
}

/** An address an attachment got. */
export interface AttachedAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  readonly gateway: string | undefined;
}

/** An attachment as the caller of `attach` knows it, to be compared with the kernel. */
export interface Expected {
  /** MAC of the end in the sandbox; `undefined` where the caller was not told. */
  readonly mac: string | undefined;
  /** The MAC of a link on the host, by its name. */
  readonly macOf: (link: string) => string | undefined;
  readonly ips: readonly ExpectedAddress[];
  readonly routes: readonly ExpectedRoute[];
}

/** An address of `Expected`; `address` is a CIDR. */
export interface ExpectedAddress {
  readonly address: string;
  readonly gateway?: string | undefined;
}

/** One attachment of one network, with the context of the call that works on it. */
export interface Job {
  readonly network: NetworkSpec;
  readonly spec: AttachmentSpec;
  /** The triple by which everything that belongs to the attachment is found again. */
  readonly attachment: Attachment;
  readonly ctx: CallContext;
}

/** The job of a call. */
export function jobOf(network: NetworkSpec, spec: AttachmentSpec, ctx: CallContext): Job {
  const { containerID, ifname } = spec;
  return { network, spec, ctx, attachment: { network: network.name, containerID, ifname } };
}

/** Families that a network gives addresses of; both where a source decides. */
export function familiesOf(ipam: NetworkSpec['ipam']): readonly (4 | 6)[] {
  if (ipam.from === 'source') return [4, 6];
  return [...new Set(ipam.pool.sets.flatMap(([range]) => range?.family ?? []))];
}
