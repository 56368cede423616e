import type { Context } from '../sys/context.ts';
import { parseCidr, formatAddress } from '../input/address.ts';
import { openStore, type Store } from '../ipam/store.ts';
import type { Allocation, Holders, Proof } from '../ipam/types.ts';
import { type LinkInfo, showLinks } from '../sys/process/ip.ts';
import { hasLink, isRunning, linkNames } from '../sys/proc.ts';
import { linkAlias } from '../sys/sysctl.ts';
import { type AliasContent, parseAlias } from '../veth/alias.ts';
import { isHostIfname } from '../veth/name.ts';
import { DEFAULT_TAG, directoryTag } from './directory.ts';
import { openWitness } from './witness.ts';

/** `elsewhere`: links known to belong to other directories. */
interface Directory {
  readonly tag: string;
  readonly elsewhere: Set<string>;
}

/**
 * For a link that the directory's file lacks. A link without a tag belongs to the default directory, or predates tags.
 */
function isOwn({ tag }: Directory, content: AliasContent): boolean {
  return (content.directory ?? DEFAULT_TAG) === tag;
}

/** Whether a link that the file lacks belongs into it; links of other directories are not examined again. */
function isMissed(directory: Directory, name: string): boolean {
  const alias = linkAlias(name);
  // /sys of another namespace lacks the link: all links have to be listed.
  if (alias === undefined) return true;
  const content = parseAlias(alias);
  // Killed between making the link and naming it: nothing to enter.
  if (content === undefined) return false;
  if (isOwn(directory, content)) return true;
  directory.elsewhere.add(name);
  return false;
}

/**
 * The allocator's view of the host: an allocation lives as long as its host veth. Link names are read once per view, on
 * first use; an absent name is checked individually, because its address would be reallocated.
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
 * Whether an allocation's host veth exists or the process working on it runs; otherwise its address and ports may be
 * reused.
 */
export function isHeld({ hostIfname, creator }: Allocation): boolean {
  return (hostIfname !== undefined && hasLink(hostIfname)) || (creator !== undefined && isRunning(creator));
}

/** The allocations that one host veth's alias proves. */
export function allocationsOf(link: LinkInfo): readonly Proof[] {
  const content = parseAlias(link.ifalias ?? '');
  if (content === undefined) return [];
  const { network, containerID, ifname, containerName, time } = content;
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
        ...(time === undefined ? {} : { time }),
        ...(gateway === undefined || gateway === '' ? {} : { gateway }),
        ...(containerName === undefined ? {} : { containerName }),
      },
    ];
  });
}

/**
 * Host links of a data directory: those tagged with it, and those in its file, which covers links older than tags and a
 * directory that was moved.
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

async function recoverFromLinks(
  directory: Directory,
  known: ReadonlySet<string>,
  ctx: Context,
): Promise<readonly Proof[]> {
  return (await linksOf(directory, known, ctx)).flatMap(allocationsOf);
}

/** For a data directory whose file cannot be read: allocations proved by the host's links, those without a time as of now. */
export async function allocationsByLinks(
  dataDir: string | undefined,
  ctx: Context,
): Promise<readonly Allocation[]> {
  const directory = { tag: directoryTag(dataDir), elsewhere: new Set<string>() };
  const time = new Date().toISOString();
  return (await recoverFromLinks(directory, new Set(), ctx)).map((proof) => ({ time, ...proof }));
}

/** At most two waits per call, to allocate and to release; see `LIMITS_MS` in cancel.ts. */
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
