import type { HostRoute } from '../sys/routes.ts';

/** A JSON value without `undefined`; callers may store one with an allocation. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Owner of an allocation: one interface of one container in one network (CNI SPEC 1.1.0, "Attachment Parameters"). */
export interface Attachment {
  readonly network: string;
  readonly containerID: string;
  readonly ifname: string;
}

/** The process that is making an attachment. The start time distinguishes a reused pid. */
export interface Creator {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks after boot. */
  readonly startTime: string;
}

/** A network namespace: the runtime's path, and the identity behind it. */
export interface NetnsRef {
  readonly path: string;
  /** `dev:inode` of the nsfs file, the same under any path. */
  readonly id: string;
}

/** One address in use, stored in allocations.json under the key `"<network>/<address>"`. */
export interface Allocation extends Attachment {
  /** Canonical text without prefix length: `10.87.1.2`, `fd00::2`. */
  readonly address: string;
  /** Prefix length of the subnet. */
  readonly prefix: number;
  readonly gateway?: string;
  /** The container's name, if the runtime passes it (Podman: `K8S_POD_NAME`). */
  readonly containerName?: string;
  /** The host end of the veth pair; while it exists the allocation is live. */
  readonly hostIfname?: string;
  readonly mac?: string;
  readonly netns?: NetnsRef;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly creator?: Creator;
  /** Stored for the caller (flatnet: what `flatnet reload` restores). */
  readonly data?: Json;
}

/** An allocation that a link of the host proves. */
export interface Proof extends Omit<Allocation, 'time'> {
  /** That of the allocation when the link was made; absent if the link does not say. */
  readonly time?: string;
}

/** An inclusive span of addresses of one family. */
export interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

/** A canonical range: host-local's `subnet`, `rangeStart`, `rangeEnd`, `gateway`, and flatnet's `exclude`. */
export interface Range {
  readonly family: 4 | 6;
  /** From the network address to the last one. */
  readonly subnet: Span & { readonly prefix: number };
  /** Allocated without a request; a requested address may lie anywhere in the subnet. */
  readonly dynamic: Span;
  readonly gateway?: bigint;
  readonly exclude: readonly Span[];
}

/** host-local's range set: alternatives for one address, all of one family. */
export type RangeSet = readonly Range[];

/** Source of a network's addresses: one per range set. */
export interface Pool {
  readonly network: string;
  readonly sets: readonly RangeSet[];
  /** Container name -> addresses reserved for it. */
  readonly reservations: Readonly<Record<string, readonly string[]>>;
  /** Allow host routes and other networks that overlap the subnets. */
  readonly allowOverlap: boolean;
}

/**
 * Names the holder of an address without an allocation, such as another plugin's container, else `undefined`.
 * @param isRequested the address was requested: in doubt it is refused, not passed over.
 */
export type TakenBy = (address: string, isRequested: boolean) => string | undefined;

export interface AllocateRequest {
  readonly attachment: Attachment;
  readonly pool: Pool;
  /** Requested addresses in any spelling, with or without prefix length; at most one per range set. */
  readonly requested?: readonly string[];
  readonly containerName?: string;
  readonly hostIfname?: string;
  readonly mac?: string;
  readonly netns?: NetnsRef;
  readonly data?: Json;
  /** The process that makes the attachment: while it runs, the allocation is live without a link. */
  readonly creator?: Creator;
  /** Host routes that are not the network's own; they must not overlap it. Called only before its first address. */
  readonly hostRoutes?: () => readonly HostRoute[];
  /** Called under the lock for each candidate address. */
  readonly takenBy?: TakenBy;
  /** Called under the lock with every live allocation of others, in all networks; throws to refuse the request. */
  readonly admit?: (live: readonly Allocation[]) => void;
}

export interface Reservation {
  /** One per range set, in order of the sets. */
  readonly allocations: readonly Allocation[];
  /** Earlier entries of the same attachment that this call took over: another sandbox, or a dead holder. */
  readonly replaced: readonly Allocation[];
  /** Entries of others that were freed because their holder was dead. */
  readonly reclaimed: readonly Allocation[];
}

/** The store's view of the host; by default every allocation lives until it is released. */
export interface Holders {
  /** Whether the allocation's interface still exists (flatnet: its host veth). Called rarely. */
  readonly isLive: (allocation: Allocation) => boolean;
  readonly isRunning: (creator: Creator) => boolean;
  /** Whether the host has links of this data directory beyond the known ones, which means that the state lost some. */
  readonly strays?: (known: ReadonlySet<string>) => boolean;
}
