import type { Context } from '../sys/context.ts';
import { readTextFile } from '../sys/files/files.ts';
import { removeWatched, replaceWatched } from '../sys/files/watched-file.ts';
import { markPath } from '../sys/files/marks.ts';
import { withLock } from '../sys/lock/lock.ts';
import { runningDaemon } from '../sys/process/daemon.ts';
import { type Engine, engineFor } from './engine.ts';
import { clearHosts, forgetAtHost, tellHost } from './host.ts';
import type { Expectation } from './question.ts';
import type { NameRecord } from './record.ts';
import { forgetZone, isNoted, type NotedZone, notedZones, noteZone, notedZone } from './noted.ts';
import { ROOT } from './places.ts';
import { atPort, freePort, moveCompanions, portOf } from './port.ts';
import { end, followed, start, usable, withdraw, withdrawFormer } from './server.ts';
import type { FilledZone, ServerProgram, Zone } from './zone.ts';

/** Longer than one zone may take: two ends, two starts and an answer. */
const LOCK_MS = 8_000;

/** What a network's zone is to have, and by whom it is to be served. */
export interface Publication {
  readonly network: string;
  readonly program: ServerProgram;
  readonly dataDir: string | undefined;
  /** Runs once no other process changes names, so that none is published that has gone meanwhile. */
  readonly look: () => Promise<FilledZone>;
  /** What the server must answer when this is over, by all that there is. */
  readonly expect: (records: readonly NameRecord[]) => Expectation | undefined;
  /** Whether the host is told again what it was told: it may have forgotten it. */
  readonly isReload?: boolean;
  /** Leads questions to the servers of all noted zones, before one is asked. */
  readonly lead: () => Promise<void>;
}

/** A zone as it is served, and a warning: the host itself was to find the containers, and does not. */
export interface Published {
  readonly zone: Zone;
  readonly warning: string | undefined;
}

/** A zone at the port of its server. An engine looks at the host's servers and at all zones, so it is made once. */
interface Placed {
  readonly zone: Zone;
  readonly engine: Engine;
}

function placed(zone: Zone, program: ServerProgram): Placed {
  return { zone, engine: engineFor(zone, program) };
}

/** Where the server listens that runs now, or would by what is asked. */
function placeNow(asked: Zone, program: ServerProgram): Placed {
  const place = placed(asked, program);
  const present = runningDaemon(place.engine.daemon);
  const zone = present === undefined ? asked : atPort(asked, portOf(present));
  return zone.port === asked.port ? place : placed(zone, program);
}

/** Whether what the host was told of one zone is replaced by what it is told of the other. */
function isToldAlike(former: Zone, zone: Zone): boolean {
  return former.host === zone.host && former.bridge === zone.bridge;
}

/** Takes back what does not hold any more of how the zone was served, by its note. */
async function leaveFormer(
  { network, program, dataDir }: Publication,
  { zone, engine }: Placed,
  ctx: Context,
): Promise<void> {
  const former = isNoted(noteOf({ program, dataDir }, zone)) ? undefined : notedZone(network);
  if (former !== undefined) await withdrawFormer(former, engine);
  if (former !== undefined && !isToldAlike(former.zone, zone)) await forgetAtHost(former.zone, ctx);
  if (engine.outdated !== undefined) removeWatched(engine.outdated);
}

function noteOf({ program, dataDir }: Pick<Publication, 'program' | 'dataDir'>, zone: Zone): NotedZone {
  return { zone, program, ...(dataDir === undefined ? {} : { dataDir }) };
}

/**
 * Writes down what a zone has and where it is served, and tells the host.
 * @returns the warning of `tellHost`.
 */
async function enter(
  publication: Publication,
  { zone, engine, records }: Placed & Pick<FilledZone, 'records'>,
  ctx: Context,
): Promise<string | undefined> {
  const { lead, isReload = false } = publication;
  const filled = { zone, records };
  const note = noteOf(publication, zone);
  const isNew = !isNoted(note);
  if (isNew) noteZone(note);
  const text = engine.format(filled);
  if (readTextFile(engine.file) !== text) replaceWatched(engine.file, text, ROOT);
  // Before the server, which may be dead: the host must not find a container that has gone.
  const warning = await tellHost(filled, isNew || isReload, ctx);
  ctx.signal?.throwIfAborted();
  await lead();
  return warning;
}

/** Takes a zone that has nothing any more from its server. */
async function leave({ network, lead }: Publication, engine: Engine): Promise<void> {
  await withdraw(engine);
  forgetZone(network);
  await lead();
}

async function change(publication: Publication, ctx: Context): Promise<Published> {
  const { program } = publication;
  const { zone: asked, records } = await publication.look();
  const now = placeNow(asked, program);
  const { zone, engine } = now;
  await leaveFormer(publication, now, ctx);
  if (records.length === 0) {
    const warning = await forgetAtHost(zone, ctx);
    await leave(publication, engine);
    return { zone, warning };
  }
  const found = { expect: publication.expect(records), plain: ctx.plain };
  const running = usable(engine);
  if (running !== undefined) {
    const warning = await enter(publication, { ...now, records }, ctx);
    if (await followed(engine, running, { ...found, zone })) return { zone, warning };
  }
  await end(engine);
  const next = placed(atPort(zone, freePort(zone, program, ctx)), program);
  moveCompanions(next.zone, program);
  const warning = await enter(publication, { ...next, records }, ctx);
  await start(next.engine, { ...found, zone: next.zone });
  return { zone: next.zone, warning };
}

/** Runs while no other process changes names. */
export function aloneWithNames<T>(body: () => Promise<T>): Promise<T> {
  return withLock(markPath('names'), { timeoutMs: LOCK_MS, label: 'names' }, body);
}

/**
 * Makes a zone's server answer with what its network has: the whole of it is written anew at every change, and a server is
 * started for the first container and ends with the last.
 * @throws NoAnswerError, DaemonError
 */
export async function publish(publication: Publication, ctx: Context): Promise<Published> {
  ctx.signal?.throwIfAborted();
  return aloneWithNames(() => change(publication, ctx));
}

/**
 * Lets the host forget the zones that are not noted: a reboot leaves /etc/hosts, and no container.
 * @returns a sentence, if that could not be done.
 */
export async function forgetUnnoted(): Promise<readonly string[]> {
  return aloneWithNames(() =>
    Promise.resolve(
      clearHosts(notedZones().flatMap(({ zone }) => (zone.host === 'hosts' ? [zone.network] : []))),
    ),
  );
}
