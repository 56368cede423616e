import { ensureInput, reopenInput } from '../firewall/input.ts';
import { FlatnetError } from '../input/error.ts';
import { isFields } from '../input/parse.ts';
import type { Allocation } from '../ipam/types.ts';
import { chooseServer, NoServerError } from '../names/choose.ts';
import { notedZone, type NotedZone, notedZones } from '../names/noted.ts';
import { publish } from '../names/publish.ts';
import { expectGone, expectKnown } from '../names/question.ts';
import { type NameRecord, namesOf } from '../names/record.ts';
import type { NamesSpec, Zone } from '../names/zone.ts';
import type { Context } from '../sys/context.ts';
import { hasLink } from '../sys/proc.ts';
import { linkAlias } from '../sys/sysctl.ts';
import { parseAlias } from '../veth/alias.ts';
import { hostIfname } from '../veth/name.ts';
import { explain, explainInLine } from './explain.ts';
import { listForeign } from './foreign.ts';
import type { Lease } from './leased.ts';
import type { Defer } from './rollback.ts';
import type { DNS, Job } from './spec.ts';
import { openHostStore } from './store.ts';

/** Of stored data only what names need: to check all of a thousand intents would take 20 ms. */
function aliasesIn(data: unknown): readonly string[] {
  const aliases = isFields(data) ? data['aliases'] : undefined;
  return Array.isArray(aliases) ? aliases.filter((alias) => typeof alias === 'string') : [];
}

type Holder = Pick<Allocation, 'containerID' | 'containerName' | 'address' | 'data'>;

/** Attachments with another plugin's addresses: what is noted of them, and on their links. */
function foreignHolders(network: string, without: string | undefined): readonly Holder[] {
  return listForeign()
    .filter((one) => one.network === network && one.owner !== without)
    .flatMap(({ owner, addresses, intent: { aliases = [] } }) => {
      const content = parseAlias(linkAlias(owner) ?? '');
      if (content === undefined) return [];
      const { containerID, containerName } = content;
      return addresses.map((address) => ({
        containerID,
        address,
        data: { aliases },
        ...(containerName === undefined ? {} : { containerName }),
      }));
    });
}

/** All that have an address of the network and a link: no name is found before its container, nor after. */
async function holdersOf(
  { zone: { network }, dataDir }: NotedZone,
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

/** Publishes all names of a zone but those of one attachment, by its host link. */
async function publishZone(
  noted: NotedZone,
  { without, gone }: { readonly without?: string; readonly gone?: NameRecord },
  ctx: Context,
): Promise<void> {
  const { domain } = noted.zone;
  const look = async () => recordsOf(await holdersOf(noted, without, ctx), domain);
  const expect = (records: readonly NameRecord[]) =>
    gone === undefined ? undefined : expectGone(gone, records, domain);
  await publish({ noted, look, expect }, ctx);
}

function ownRecord({ attachment: { containerID }, spec }: Job, addresses: readonly string[], domain: string) {
  return { containerID, addresses, names: namesOf({ ...spec, containerID }, domain) };
}

/** The zone of a network; the server listens on the gateway's addresses, which are the bridge's own. */
function zoneOf({ network }: Job, { domain }: NamesSpec, lease: Lease): Zone {
  const { name, bridge, internal } = network;
  const listen = lease.addresses.flatMap(({ gateway }) => gateway ?? []);
  return { network: name, bridge, domain, listen: [...new Set(listen)], internal };
}

async function serveNames(
  job: Job,
  lease: Lease,
  { names, defer }: { names: NamesSpec; defer: Defer },
): Promise<DNS> {
  const { network, attachment, ctx } = job;
  const zone = zoneOf(job, names, lease);
  if (!network.isGateway || zone.listen.length === 0) {
    throw new NoServerError(`bridge "${network.bridge}" has no address of its own to answer at`);
  }
  const program = await chooseServer(names, ctx);
  const dataDir = network.ipam.from === 'source' ? undefined : network.ipam.dataDir;
  const noted = { zone, program, ...(dataDir === undefined ? {} : { dataDir }) };
  const own = ownRecord(
    job,
    lease.addresses.map(({ address }) => address),
    names.domain,
  );
  const look = async () => recordsOf(await holdersOf(noted, undefined, ctx), names.domain);
  defer('take back the names', (undoCtx) => publishZone(noted, { without: hostIfname(attachment) }, undoCtx));
  await publish({ noted, look, expect: () => expectKnown(own, names.domain) }, ctx);
  if (network.forwardAccept) await ensureInput({ bridge: network.bridge, addresses: zone.listen }, ctx);
  return { nameservers: zone.listen, search: [names.domain] };
}

/**
 * Makes the container's names resolve, before its first process runs; its pair exists. A server that nobody asked for by name is
 * no reason to refuse a container: without one, names do not resolve, and `flatnet doctor` says why.
 * @returns what the container is to ask; nothing if names are not served.
 * @throws FlatnetError if the server was asked for by name.
 */
export async function publishNames(job: Job, lease: Lease, defer: Defer): Promise<DNS> {
  const { network, ctx } = job;
  const { names } = network;
  if (names === undefined) return {};
  const doing = `serve the names of network "${network.name}"`;
  try {
    return await serveNames(job, lease, { names, defer });
  } catch (error) {
    ctx.signal?.throwIfAborted();
    if (names.server !== 'auto') {
      const isMissing = error instanceof NoServerError;
      if (!isMissing) throw explain(error, { kind: 'internal', doing });
      const details = `${error.message}; install it, or set "names" of the network to {"server": "auto"}`;
      const message = `Cannot serve the names of network "${network.name}" by "${names.server}"`;
      throw new FlatnetError('unsupported', message, { details, cause: error });
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
  await publishZone(noted, { without: hostIfname(attachment), gone }, ctx);
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
  for (const noted of notedZones().filter(({ zone }) => isConcerned(zone.network))) {
    const { network, bridge, listen } = noted.zone;
    try {
      await publishZone(noted, {}, ctx);
      await reopenInput({ bridge, addresses: listen }, ctx);
    } catch (error) {
      failures.push(
        explainInLine(error, { kind: 'internal', doing: `serve the names of network "${network}"` }),
      );
    }
  }
  return failures;
}
