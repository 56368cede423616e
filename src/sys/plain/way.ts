import type { Limits } from '../limits.ts';
import type { AddressInfo, KernelRoute, LinkInfo, Neighbour } from '../link-info.ts';

/** A change of a link, an address or a route, as a line of `ip -batch`. */
export interface PlainRequest {
  readonly line: string;
  /** Descriptor that the line knows as /proc/self/fd/3. */
  readonly handedOver?: number | undefined;
}

/** Links, addresses, routes and neighbours. */
export interface PlainLinks {
  /** Carries lines out in their order, in one batch; the first that is refused ends it. */
  readonly apply: (requests: readonly PlainRequest[]) => void;
  /** The same beside other work, for what takes the kernel its time. */
  readonly applyInBackground: (request: PlainRequest) => Promise<void>;
  /** A link and its addresses; `undefined` when there is none of that name. */
  readonly look: (name: string) => LinkInfo | undefined;
  /** The addresses of all links. */
  readonly addresses: () => readonly AddressInfo[];
  /** All unicast routes of a family, of every table, in the kernel's order. */
  readonly routes: (family: 4 | 6) => readonly KernelRoute[];
  readonly neighbour: (link: string, address: string) => Neighbour | undefined;
  /** Whether a MAC is behind a port of a bridge. */
  readonly isBehindBridge: (bridge: string, mac: string) => boolean;
}

/** The packet filter. */
export interface PlainFilter {
  /** What `nft -j` prints of a table, read once until `forget`; `undefined` where there is no such table. */
  readonly list: (table: string) => unknown;
  /** Reads tables anew from now on. */
  readonly forget: () => void;
  /** Carries lines of nft out as one transaction. */
  readonly change: (lines: readonly string[]) => void;
  readonly changeInBackground: (lines: readonly string[]) => Promise<void>;
}

/**
 * The kernel of one network namespace by way of `ip`, `bridge` and `nft`, one program for each call of these. They block
 * as requests do. What the kernel refuses is a NetlinkError with the code that a request is refused with.
 */
export interface PlainKernel extends PlainLinks, PlainFilter, Disposable {
  readonly isPlain: true;
}

/** What takes the place of netlink and the C library: programs, found on any Linux, from any Node. */
export interface PlainWay {
  /** @param netnsFd of the namespace; our own where absent. */
  readonly open: (limits: Limits, netnsFd?: number) => PlainKernel;
  /** False for the descriptor of a namespace of another kind. */
  readonly mayBeNetns: (fd: number, limits: Limits) => boolean;
  /** Reads `/proc/sys/<key>` in another namespace; `undefined` where the kernel has no such key. */
  readonly readSysctl: (netnsFd: number, key: string, limits: Limits) => string | undefined;
  readonly writeSysctl: (netnsFd: number, setting: Setting, limits: Limits) => void;
}

/** A sysctl and its value; the key in file form. */
export interface Setting {
  readonly key: string;
  readonly value: string;
}
