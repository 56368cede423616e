import type { IngressPolicy } from '../firewall/isolation.ts';
import type { MasqueradeBackend } from '../firewall/masquerade.ts';
import type { PortMapping } from '../firewall/ports.ts';
import type { Pool } from '../ipam/types.ts';
import type { Bandwidth } from '../veth/bandwidth.ts';
import type { RouteSpec } from '../veth/plan.ts';
import type { CniVersion } from './version.ts';

/** SPEC "Success": an interface of a result. `sandbox` is absent for those on the host. */
export interface ResultInterface {
  readonly name: string;
  readonly mac?: string | undefined;
  readonly mtu?: number | undefined;
  readonly sandbox?: string | undefined;
}

/** SPEC "Success": an address of a result; `interface` is an index into `interfaces`. */
export interface ResultIP {
  /** CIDR. */
  readonly address: string;
  readonly gateway?: string | undefined;
  readonly interface?: number | undefined;
}

/** SPEC "Success": resolver settings. */
export interface DNS {
  readonly nameservers?: readonly string[] | undefined;
  readonly domain?: string | undefined;
  readonly search?: readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
}

/** A result in the shape of 1.1.0, the one flatnet works with; `formatResult` makes the others of it. */
export interface Result {
  readonly interfaces: readonly ResultInterface[];
  readonly ips: readonly ResultIP[];
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
}

/** IPAM done by flatnet itself. */
export interface BuiltinIpam {
  readonly kind: 'builtin';
  readonly pool: Pool;
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
  /** File whose resolver settings stand in for absent ones. Read by ADD only: a DEL must not fail for want of it. */
  readonly resolvConf: string | undefined;
  /** Directory of allocations.json; `undefined` for the default. */
  readonly dataDir: string | undefined;
}

/** IPAM done by another plugin, found in CNI_PATH (SPEC section 4, "Plugin Delegation"). */
export interface DelegatedIpam {
  readonly kind: 'delegated';
  readonly type: string;
}

/** A network configuration, checked and canonical. Keys are spelled as the reference `bridge` plugin spells them. */
export interface NetConf {
  readonly cniVersion: CniVersion;
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
  /** Sysctls of the sandbox, keys in file form. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly bandwidth: Bandwidth;
  readonly ipam: BuiltinIpam | DelegatedIpam;
  readonly dns: DNS;
  /** Addresses asked for, canonical, without prefix: `runtimeConfig.ips`, and `args.cni.ips`, else CNI_ARGS `IP`. */
  readonly requestedIPs: readonly string[];
  /** MAC asked for: `runtimeConfig.mac`, else `args.cni.mac`, else CNI_ARGS `MAC`. */
  readonly mac: string | undefined;
  /** Podman's and Kubernetes' `K8S_POD_NAME`. */
  readonly containerName: string | undefined;
  readonly portMappings: readonly PortMapping[];
  readonly prevResult: Result | undefined;
  /** `cni.dev/valid-attachments`; `undefined` when the key is absent, which is not the same as an empty list. */
  readonly validAttachments: readonly ValidAttachment[] | undefined;
  /** The request as it came, for a delegated plugin. */
  readonly stdin: string;
}

/** An entry of `cni.dev/valid-attachments`. */
export interface ValidAttachment {
  readonly containerID: string;
  readonly ifname: string;
}
