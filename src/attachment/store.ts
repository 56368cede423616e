import type { Context } from '../sys/context.ts';
import { parseCidr, formatAddress } from '../input/address.ts';
import { openStore, type Store } from '../ipam/store.ts';
import type { Allocation, Holders } from '../ipam/types.ts';
import { type LinkInfo, showLinks } from '../sys/process/ip.ts';
import { hasLink, isRunning, linkNames } from '../sys/proc.ts';
import { linkAlias } from '../sys/sysctl.ts';
import { type AliasContent, parseAlias } from '../veth/alias.ts';
import { isHostIfname } from '../veth/name.ts';
import { DEFAULT_TAG, directoryTag } from './directory.ts';
import { openWitness } from './witness.ts';

/** A data directory, and the links known to belong elsewhere. */
interface Directory {
  readonly tag: string;
  readonly elsewhere: Set<string>;
}

/**
 * Whether a link is of a directory whose file is known not to have it. One without a tag is of the usual directory,
 * or older than tags.
 */
function isOwn({ tag }: Directory, content: AliasContent): boolean {
  return (content.directory ?? DEFAULT_TAG) === tag;
}

/** Whether a link that the file does not have belongs into it; one of others is not looked at again. */
function isMissed(directory: Directory, name: string): boolean {
  const alias = linkAlias(name);
  // A /sys of another namespace has no link of that name, and all links have to be listed.
  if (alias === undefined) return true;
  const content = parseAlias(alias);
  // Killed between making the link and naming it: nothing to be entered.
  if (content === undefined) return false;
  if (isOwn(directory, content)) return true;
  directory.elsewhere.add(name);
  return false;
}

/**
 * How the allocator sees the host: an allocation lives as long as its host veth. Link names are read once for
 * every look, when first asked for; one that is not among them is asked for by itself, because its address would be
 * given to another.
 */
function kernelHolders(directory: Directory): Holders {
  let names: ReadonlySet<string> | undefined;
  const links = () => (names ??= linkNames());
  const { elsewhere } = directory;
  return {
    isLive: ({ hostIfname }) => hostIfname !== undefined && (links().has(hostIfname) || hasLink(hostIfname)),
    isRunning,
    strays: (known) => {
      for (const name of elsewhere) if (!links().has(name)) elsewhere.delete(name);
      return [...links()].some(
        (name) => isHostIfname(name) && !known.has(name) && !elsewhere.has(name) && isMissed(directory, name),
      );
    },
  };
}

/**
 * Whether an allocation's host veth stands or the process that works on it runs; otherwise its address and ports may be
 * reused.
 */
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

/**
 * Host links that belong to a data directory: those that say so, and those its file has, which tells of links older
 * than tags and of a directory that was moved.
 */
export async function linksOf(
  directory: Directory,
  known: ReadonlySet<string>,
  ctx: Context,
): Promise<readonly LinkInfo[]> {
  return (await showLinks({}, ctx)).filter(({ ifname, ifalias }) => {
    const content = parseAlias(ifalias ?? '');
    if (content === undefined) return false;
    const isOurs = known.has(ifname) || isOwn(directory, content);
    if (!isOurs && isHostIfname(ifname)) directory.elsewhere.add(ifname);
    return isOurs;
  });
}

/** The allocations that the links of a data directory prove. */
async function recoverFromLinks(
  directory: Directory,
  known: ReadonlySet<string>,
  ctx: Context,
): Promise<readonly Allocation[]> {
  const time = new Date().toISOString();
  return (await linksOf(directory, known, ctx)).flatMap((link) => allocationsOf(link, time));
}

/** What the host's links say of a data directory whose file cannot be read. */
export function allocationsByLinks(
  dataDir: string | undefined,
  ctx: Context,
): Promise<readonly Allocation[]> {
  return recoverFromLinks({ tag: directoryTag(dataDir), elsewhere: new Set() }, new Set(), ctx);
}

/** Twice in a call at most, for the address and for giving it back; see `LIMITS_MS` in cancel.ts. */
const LOCK_TIMEOUT_MS = 5_000;

/** The host's allocations, with the kernel as second source of truth. */
export function openHostStore(dataDir: string | undefined, ctx: Context): Store {
  const tag = directoryTag(dataDir);
  const witness = openWitness(tag);
  const directory = { tag, elsewhere: witness.elsewhere };
  return openStore({
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    holders: () => kernelHolders(directory),
    recover: (known) => recoverFromLinks(directory, known, ctx),
    witness,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
}
