import { parseCidr, formatAddress } from '../ipam/address.ts';
import { openStore, type Store } from '../ipam/store.ts';
import type { Allocation, Holders } from '../ipam/types.ts';
import { type LinkInfo, showLinks } from '../sys/ip.ts';
import { hasLink, isRunning, linkNames } from '../sys/proc.ts';
import { parseAlias } from '../veth/alias.ts';
import { isHostIfname } from '../veth/name.ts';

/**
 * How the allocator sees the host: an allocation lives as long as its host veth. Link names are read once for
 * every look, when first asked for; one that is not among them is asked for by itself, because its address would be
 * given to another.
 */
function kernelHolders(): Holders {
  let names: ReadonlySet<string> | undefined;
  const links = () => (names ??= linkNames());
  return {
    isLive: ({ hostIfname }) => hostIfname !== undefined && (links().has(hostIfname) || hasLink(hostIfname)),
    isRunning,
    strays: (known) => [...links()].some((name) => isHostIfname(name) && !known.has(name)),
  };
}

/** Whether an allocation's host veth stands or the process that works on it runs; else anybody may have what it has. */
export function isHeld({ hostIfname, creator }: Allocation): boolean {
  return (hostIfname !== undefined && hasLink(hostIfname)) || (creator !== undefined && isRunning(creator));
}

/** The allocations that one host veth proves, read from its alias. */
export function allocationsOf(link: LinkInfo, time: string): readonly Allocation[] {
  const content = parseAlias(link.ifalias ?? '');
  if (content === undefined) return [];
  const { network, containerID, ifname, containerName } = content;
  return content.addresses.flatMap((text, index) => {
    const cidr = parseCidr(text);
    if (cidr === undefined) return [];
    const gateway = content.gateways[index];
    return [
      {
        network,
        containerID,
        ifname,
        address: formatAddress(cidr),
        prefix: cidr.prefix,
        hostIfname: link.ifname,
        time,
        ...(gateway === undefined || gateway === '' ? {} : { gateway }),
        ...(containerName === undefined ? {} : { containerName }),
      },
    ];
  });
}

/** The allocations that the host's links prove. */
export async function recoverFromLinks(): Promise<readonly Allocation[]> {
  const time = new Date().toISOString();
  const links = await showLinks();
  return links.flatMap((link) => allocationsOf(link, time));
}

/** Twice in a call at most, for the address and for giving it back; see `LIMITS_MS` in cancel.ts. */
const LOCK_TIMEOUT_MS = 5_000;

/** The host's allocations, with the kernel as second source of truth. */
export function openHostStore(dataDir: string | undefined): Store {
  return openStore({
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    holders: kernelHolders,
    recover: recoverFromLinks,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
}
