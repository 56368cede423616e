import type { Limits } from '../limits.ts';
import type { AddressInfo, KernelRoute, LinkInfo, Neighbour } from '../link-info.ts';

/** A change of a link, an address or a route, as a line of `ip -batch`. */
export interface PlainRequest {
  readonly line: string;
  /** Descriptor that the line refers to as /proc/self/fd/3. */
  readonly handedOver?: number | undefined;
}

export interface PlainLinks {
  /** Runs lines in order, in one batch, which stops at the first refused line. */
  readonly apply: (requests: readonly PlainRequest[]) => void;
  /** As `apply`, for a request that takes the kernel long: other work can go on. */
  readonly applyInBackground: (request: PlainRequest) => Promise<void>;
  /** `undefined` if the link does not exist. */
  readonly look: (name: string) => LinkInfo | undefined;
  /** Of all links. */
  readonly addresses: () => readonly AddressInfo[];
  /** All unicast routes of a family, of every table, in the kernel's order. */
  readonly routes: (family: 4 | 6) => readonly KernelRoute[];
  readonly neighbour: (link: string, address: string) => Neighbour | undefined;
  /** Whether a MAC is behind a port of a bridge. */
  readonly isBehindBridge: (bridge: string, mac: string) => boolean;
}

export interface PlainFilter {
  /** Output of `nft -j` for a table, cached until `forget`; `undefined` if the table does not exist. */
  readonly list: (table: string) => unknown;
  /** Clears the cache of `list`. */
  readonly forget: () => void;
  /** Runs lines of nft as one transaction. */
  readonly change: (lines: readonly string[]) => void;
  readonly changeInBackground: (lines: readonly string[]) => Promise<void>;
}

/**
 * The kernel of one network namespace through `ip`, `bridge` and `nft`, one program per call. Calls block as netlink
 * requests do. A refusal by the kernel is a NetlinkError with the same code as by netlink.
 */
export interface PlainKernel extends PlainLinks, PlainFilter, Disposable {
  readonly isPlain: true;
}

/** Replaces netlink and the C library with programs, which any Linux has and any Node can run. */
export interface PlainWay {
  /** @param netnsFd of the namespace; our own if absent. */
  readonly open: (limits: Limits, netnsFd?: number) => PlainKernel;
  /** False for the descriptor of a namespace of another kind. */
  readonly mayBeNetns: (fd: number, limits: Limits) => boolean;
  /** In another namespace; `undefined` if the kernel has no such key. */
  readonly readSysctl: (netnsFd: number, key: string, limits: Limits) => string | undefined;
  readonly writeSysctl: (netnsFd: number, setting: Setting, limits: Limits) => void;
}

/** The key is in file form. */
export interface Setting {
  readonly key: string;
  readonly value: string;
}
