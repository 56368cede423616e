import { ensureInput, reopenInput } from '../firewall/input.ts';
import { isFields } from '../input/parse.ts';
import type { Allocation } from '../ipam/types.ts';
import { chooseServer, NoServerError } from '../names/choose.ts';
import { notedZone, type NotedZone, notedZones } from '../names/noted.ts';
import { publish, type Published } from '../names/publish.ts';
import { expectAny, expectGone, expectKnown } from '../names/question.ts';
import { type NameRecord, namesOf } from '../names/record.ts';
import type { FilledZone, NamesSpec, Zone } from '../names/zone.ts';
import type { Context } from '../sys/context.ts';
import { hasLink } from '../sys/proc.ts';
import { linkAlias } from '../sys/sysctl.ts';
import { parseAlias } from '../veth/alias.ts';
import { hostIfname } from '../veth/name.ts';
import { explain, explainInLine } from './explain.ts';
import { listForeign } from './foreign.ts';
import type { Lease } from './leased.ts';
import { leadNames, leadNamesAgain } from './names-port.ts';
import { withoutServer } from './names-server.ts';
import type { DNS, Job } from './spec.ts';
import { openHostStore } from './store.ts';

/** Of stored data only what names need: to check all of a thousand intents would take 20 ms. */
function aliasesIn(data: unknown): readonly string[] {
  const aliases = isFields(data) ? data['aliases'] : undefined;
  return Array.isArray(aliases) ? aliases.filter((alias) => typeof alias === 'string') : [];
}

type Holder = Pick<Allocation, 'containerID' | 'containerName' | 'address' | 'gateway' | 'data'>;

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
async function holdersOf(
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

function recordsOf(holders: readonly Holder[], domain: string): readonly NameRecord[] {
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
function listenOf(holders: readonly Holder[], own: readonly string[]): readonly string[] {
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

/** Publishes all names of a zone but those of one attachment, by its host link. */
async function publishZone(
  noted: NotedZone,
  { without, gone }: { readonly without?: string; readonly gone?: NameRecord },
  ctx: Context,
): Promise<Published> {
  const { zone, program, dataDir } = noted;
  const { network, domain } = zone;
  const look = () => fillZone(noted, without, ctx);
  const expect = (records: readonly NameRecord[]) =>
    gone === undefined ? expectAny(records, domain) : expectGone(gone, records, domain);
  const lead = async () => {
    await leadNames(ctx);
  };
  return publish({ network, program, dataDir, look, expect, lead, isReload: gone === undefined }, ctx);
}

/** The container itself, whatever is stored of it by now. */
function ownHolders({ attachment: { containerID }, spec }: Job, { addresses }: Lease): readonly Holder[] {
  const { containerName, aliases = [] } = spec;
  return addresses.map(({ address, gateway = '' }) => ({
    containerID,
    address,
    gateway,
    data: { aliases },
    ...(containerName === undefined ? {} : { containerName }),
  }));
}

async function serveNames(job: Job, lease: Lease, names: NamesSpec): Promise<DNS> {
  const { network, attachment, ctx } = job;
  const { name, bridge, internal } = network;
  const own = ownHolders(job, lease);
  const gateways = listenOf(own, []);
  if (!network.isGateway || gateways.length === 0) {
    const remedy = 'leave out "names" for this network, with a driver of netavark: -o names=off';
    throw new NoServerError(`bridge "${bridge}" has no address of its own to answer at`, remedy);
  }
  const program = await chooseServer(names, ctx);
  const dataDir = network.ipam.from === 'source' ? undefined : network.ipam.dataDir;
  let listen: readonly string[] = gateways;
  const look = async () => {
    const others = await holdersOf({ network: name, dataDir }, hostIfname(attachment), ctx);
    listen = listenOf(others, gateways);
    const { domain, host } = names;
    const way = host === undefined ? {} : { host };
    const zone: Zone = { network: name, bridge, domain, listen, internal, ...way };
    return { zone, records: recordsOf([...others, ...own], names.domain) };
  };
  const expect = (records: readonly NameRecord[]) => {
    const record = records.find(({ containerID }) => containerID === attachment.containerID);
    return record === undefined ? undefined : expectKnown(record, names.domain);
  };
  const warn = (warning: string | undefined) => {
    if (warning !== undefined) ctx.trace.warnings.push(warning);
  };
  const lead = async () => {
    warn(await leadNames(ctx));
  };
  const served = await publish({ network: name, program, dataDir, look, expect, lead }, ctx);
  warn(served.warning);
  const { port } = served.zone;
  if (network.forwardAccept) await ensureInput({ bridge, addresses: listen, port }, ctx);
  return { nameservers: gateways, search: [names.domain] };
}

/**
 * Makes the container's names resolve, before its first process runs; its pair exists. A server that nobody asked for by name is
 * no reason to refuse a container: without one, names do not resolve, and the log says why.
 * @returns what the container is to ask; nothing if names are not served.
 * @throws FlatnetError if the server was asked for by name.
 */
export async function publishNames(job: Job, lease: Lease): Promise<DNS> {
  const { network, ctx } = job;
  const { names } = network;
  if (names === undefined) return {};
  const doing = `serve the names of network "${network.name}"`;
  try {
    return await serveNames(job, lease, names);
  } catch (error) {
    ctx.signal?.throwIfAborted();
    if (names.server !== 'auto') {
      throw error instanceof NoServerError
        ? withoutServer(network, error)
        : explain(error, { kind: 'internal', doing });
    }
    if (error instanceof NoServerError) ctx.trace.facts['names'] = `off: ${error.message}`;
    else ctx.trace.warnings.push(explainInLine(error, { kind: 'internal', doing }));
    return {};
  }
}

/** Takes the container's names back; its address leads to somebody else next. Does nothing where names are not served. */
export async function withdrawNames({ network, attachment, spec, ctx }: Job): Promise<void> {
  const noted = notedZone(network.name);
  if (noted === undefined) return;
  const { containerID } = attachment;
  const names = namesOf({ ...spec, containerID }, noted.zone.domain);
  const gone = { containerID, addresses: noted.zone.listen, names };
  const { warning } = await publishZone(noted, { without: hostIfname(attachment), gone }, ctx);
  if (warning !== undefined) ctx.trace.warnings.push(warning);
}

/**
 * Publishes the zones of these networks anew, or of all: after containers have gone without a word, and for `flatnet reload`.
 * @returns one sentence for each that could not be.
 */
export async function refreshNames(
  ctx: Context,
  isConcerned: (network: string) => boolean = () => true,
): Promise<readonly string[]> {
  const failures: string[] = [];
  try {
    // A port that was put back by now would have the questions to the server.
    const warning = await leadNamesAgain(ctx);
    if (warning !== undefined) failures.push(warning);
  } catch (error) {
    failures.push(
      explainInLine(error, { kind: 'firewall', doing: 'lead questions to the servers of names' }),
    );
  }
  for (const noted of notedZones().filter(({ zone }) => isConcerned(zone.network))) {
    const { network, bridge, listen } = noted.zone;
    // Each whatever becomes of the other.
    for (const serve of [
      () => reopenInput({ bridge, addresses: listen, port: noted.zone.port }, ctx),
      async () => {
        const { zone, warning } = await publishZone(noted, {}, ctx);
        if (warning !== undefined) failures.push(warning);
        if (zone.port !== noted.zone.port) {
          await reopenInput({ bridge, addresses: listen, port: zone.port }, ctx);
        }
      },
    ]) {
      try {
        await serve();
      } catch (error) {
        failures.push(
          explainInLine(error, { kind: 'internal', doing: `serve the names of network "${network}"` }),
        );
      }
    }
  }
  return failures;
}
