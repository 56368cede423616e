import type { HostRoute } from '../sys/routes.ts';

/** A JSON value without `undefined`; what callers may hang on an allocation. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The unit of ADD, DEL and GC, and the owner of an allocation: one interface of one container in one network
 * (CNI SPEC 1.1.0, "Attachment Parameters").
 */
export interface Attachment {
  readonly network: string;
  readonly containerID: string;
  readonly ifname: string;
}

/** The process that is making an attachment. The start time tells a reused pid apart. */
export interface Creator {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks after boot. */
  readonly startTime: string;
}

/** A network namespace: the path the runtime named, and the identity of the namespace behind it. */
export interface NetnsRef {
  readonly path: string;
  /** `dev:inode` of the nsfs file: the same namespace under two paths has one id. */
  readonly id: string;
}

/** One address in use, as allocations.json keeps it under the key `"<network>/<address>"`. */
export interface Allocation extends Attachment {
  /** Canonical text without prefix length: `10.87.1.2`, `fd00::2`. */
  readonly address: string;
  /** Prefix length of the subnet the address was taken from. */
  readonly prefix: number;
  readonly gateway?: string;
  /** The container's name, where the runtime hands it over (Podman: `K8S_POD_NAME`). */
  readonly containerName?: string;
  /** The host end of the veth pair; while it exists the allocation is live. */
  readonly hostIfname?: string;
  readonly mac?: string;
  readonly netns?: NetnsRef;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly creator?: Creator;
  /** Whatever the caller wants remembered with the address (flatnet: what `flatnet reload` replays). */
  readonly data?: Json;
}

/** An inclusive span of addresses as values; both ends are of one family. */
export interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

/** One canonical range: host-local's `subnet`, `rangeStart`, `rangeEnd`, `gateway`, and flatnet's `exclude`. */
export interface Range {
  readonly family: 4 | 6;
  /** Network address as a value, with the prefix length. */
  readonly subnet: Span & { readonly prefix: number };
  /** The dynamic part; static addresses may lie anywhere in the subnet. */
  readonly dynamic: Span;
  readonly gateway?: bigint;
  readonly exclude: readonly Span[];
}

/** host-local's range set: alternatives for one address, all of one family. */
export type RangeSet = readonly Range[];

/** Where a network's addresses come from: one address per range set. */
export interface Pool {
  readonly network: string;
  readonly sets: readonly RangeSet[];
  /** Container name -> addresses kept for it alone. */
  readonly reservations: Readonly<Record<string, readonly string[]>>;
  /** Whether the host may route the same addresses elsewhere, and other networks have them too. */
  readonly allowOverlap: boolean;
}

/**
 * Names who has an address that no allocation tells of, another plugin's container say; `undefined` for nobody.
 *
 * @param isRequested the address was asked for by name: with a reason to doubt it is refused, not passed over.
 */
export type TakenBy = (address: string, isRequested: boolean) => string | undefined;

/** What an attachment asks for. */
export interface AllocateRequest {
  readonly attachment: Attachment;
  readonly pool: Pool;
  /** Addresses asked for by name, in any spelling, with or without prefix length; one per range set. */
  readonly requested?: readonly string[];
  readonly containerName?: string;
  readonly hostIfname?: string;
  readonly mac?: string;
  readonly netns?: NetnsRef;
  readonly data?: Json;
  /** The process that makes the attachment: while it runs, the allocation is live without a link. */
  readonly creator?: Creator;
  /**
   * Reads the host's routes that are not the network's own; a subnet that overlaps one of them is refused. Asked before
   * the network's first address only.
   */
  readonly hostRoutes?: () => readonly HostRoute[];
  /** Asked under the lock about each address that would be given. */
  readonly takenBy?: TakenBy;
  /** Runs under the lock with every live allocation of others, of all networks; throws to refuse the request. */
  readonly admit?: (live: readonly Allocation[]) => void;
}

export interface Reservation {
  /** One per range set, in order of the sets. */
  readonly allocations: readonly Allocation[];
  /** The same attachment's earlier entries that this call took over: other sandbox, or dead holder. */
  readonly replaced: readonly Allocation[];
  /** Entries of others whose holder was dead and that were freed. */
  readonly reclaimed: readonly Allocation[];
}

/** The host as the store sees it; the library's default lets every allocation live until it is released. */
export interface Holders {
  /** Whether what the allocation was made for still exists (flatnet: its host veth). Called rarely. */
  readonly isLive: (allocation: Allocation) => boolean;
  /** Whether the process still runs. */
  readonly isRunning: (creator: Creator) => boolean;
  /**
   * Whether the host has links of this data directory beyond the known host interface names: the state has lost
   * something then.
   */
  readonly strays?: (known: ReadonlySet<string>) => boolean;
}
