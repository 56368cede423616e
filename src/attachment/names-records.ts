import { isFields } from '../input/parse.ts';
import type { Allocation } from '../ipam/types.ts';
import type { NotedZone } from '../names/noted.ts';
import { type NameRecord, namesOf } from '../names/record.ts';
import type { FilledZone } from '../names/zone.ts';
import type { Context } from '../sys/context.ts';
import { hasLink } from '../sys/proc.ts';
import { linkAlias } from '../sys/sysctl.ts';
import { parseAlias } from '../veth/alias.ts';
import { hostIfname } from '../veth/name.ts';
import { listForeign } from './foreign.ts';
import type { Lease } from './leased.ts';
import type { Job } from './spec.ts';
import { openHostStore } from './store.ts';

/** Of stored data only what names need: to check all of a thousand intents would take 20 ms. */
function aliasesIn(data: unknown): readonly string[] {
  const aliases = isFields(data) ? data['aliases'] : undefined;
  return Array.isArray(aliases) ? aliases.filter((alias) => typeof alias === 'string') : [];
}

export type Holder = Pick<Allocation, 'containerID' | 'containerName' | 'address' | 'gateway' | 'data'>;

/** Attachments with another plugin's addresses: what is noted of them, and on their links. */
function foreignHolders(network: string, without: string | undefined): readonly Holder[] {
  return listForeign()
    .filter((one) => one.network === network && one.owner !== without)
    .flatMap(({ owner, addresses, intent: { aliases = [] } }) => {
      const content = parseAlias(linkAlias(owner) ?? '');
      if (content === undefined) return [];
      const { containerID, containerName, gateways } = content;
      return addresses.map((address, index) => ({
        containerID,
        address,
        gateway: gateways[index] ?? '',
        data: { aliases },
        ...(containerName === undefined ? {} : { containerName }),
      }));
    });
}

/** All that have an address of the network and a link: no name is found before its container, nor after. */
export async function holdersOf(
  { network, dataDir }: { readonly network: string; readonly dataDir: string | undefined },
  without: string | undefined,
  ctx: Context,
): Promise<readonly Holder[]> {
  const held = (await openHostStore(dataDir, ctx).list()).filter((one) => {
    const owner = hostIfname(one);
    return one.network === network && owner !== without && hasLink(owner);
  });
  return [...held, ...foreignHolders(network, without)];
}

export function recordsOf(holders: readonly Holder[], domain: string): readonly NameRecord[] {
  return [...Map.groupBy(holders, ({ containerID }) => containerID)].map(([containerID, own]) => {
    const containerName = own.find((one) => one.containerName !== undefined)?.containerName;
    const aliases = own.flatMap(({ data }) => aliasesIn(data));
    return {
      containerID,
      addresses: [...new Set(own.map(({ address }) => address))],
      names: namesOf({ containerID, containerName, aliases }, domain),
    };
  });
}

/** Every container asks at its own gateway, and ranges of one network have different ones. */
export function listenOf(holders: readonly Holder[], own: readonly string[]): readonly string[] {
  const gateways = holders.flatMap(({ gateway = '' }) => (gateway === '' ? [] : [gateway]));
  return [...new Set([...own, ...gateways])].sort();
}

/** A zone as it is to be served now: all that has a link, without one attachment if it is named by its host link. */
export async function fillZone(
  { zone, dataDir }: NotedZone,
  without: string | undefined,
  ctx: Context,
): Promise<FilledZone> {
  const { network, domain } = zone;
  const holders = await holdersOf({ network, dataDir }, without, ctx);
  const listen = listenOf(holders, holders.length === 0 ? zone.listen : []);
  return { zone: { ...zone, listen }, records: recordsOf(holders, domain) };
}

/** The container itself, whatever is stored of it by now. */
export function ownHolders(
  { attachment: { containerID }, spec }: Job,
  { addresses }: Lease,
): readonly Holder[] {
  const { containerName, aliases = [] } = spec;
  return addresses.map(({ address, gateway = '' }) => ({
    containerID,
    address,
    gateway,
    data: { aliases },
    ...(containerName === undefined ? {} : { containerName }),
  }));
}
