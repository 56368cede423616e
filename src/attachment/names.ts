import { ensureInput, reopenInput } from '../firewall/input.ts';
import { chooseServer, NoServerError } from '../names/choose.ts';
import { notedZone, type NotedZone, notedZones } from '../names/noted.ts';
import { publish, type Published } from '../names/publish.ts';
import { expectAny, expectGone, expectKnown } from '../names/question.ts';
import { type NameRecord, namesOf } from '../names/record.ts';
import type { NamesSpec, Zone } from '../names/zone.ts';
import type { Context } from '../sys/context.ts';
import { hostIfname } from '../veth/name.ts';
import { explain, explainInLine } from './explain.ts';
import type { Lease } from './leased.ts';
import { fillZone, holdersOf, listenOf, ownHolders, recordsOf } from './names-records.ts';
import { leadNames, leadNamesAgain } from './names-port.ts';
import { withoutAddress, withoutServer } from './names-server.ts';
import type { DNS, Job } from './spec.ts';

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

async function serveNames(job: Job, lease: Lease, names: NamesSpec): Promise<DNS> {
  const { network, attachment, ctx } = job;
  const { name, bridge, internal } = network;
  const own = ownHolders(job, lease);
  const gateways = listenOf(own, []);
  if (!network.isGateway || gateways.length === 0) throw withoutAddress(bridge);
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
