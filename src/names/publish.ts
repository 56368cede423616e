import type { Context } from '../sys/context.ts';
import { readTextFile } from '../sys/files/files.ts';
import { removeWatched, replaceWatched } from '../sys/files/watched-file.ts';
import { markPath } from '../sys/files/marks.ts';
import { withLock } from '../sys/lock/lock.ts';
import {
  endDaemon,
  type RunningDaemon,
  runningDaemon,
  signalDaemon,
  startDaemon,
  strayDaemons,
} from '../sys/process/daemon.ts';
import { type Engine, engineFor } from './engine.ts';
import { clearHosts, forgetAtHost, tellHost } from './host.ts';
import { doesAnswer, type Expectation } from './question.ts';
import type { NameRecord } from './record.ts';
import { forgetZone, isNoted, type NotedZone, notedZones, noteZone, notedZone } from './noted.ts';
import { ROOT } from './places.ts';
import { atPort, freePort, moveCompanions, portOf } from './port.ts';
import type { FilledZone, ServerProgram, Zone } from './zone.ts';

/** For a running server to take up a change, and for one that was started to answer, in milliseconds. */
const CHANGE_MS = 500;
const START_MS = 1_500;
/** Longer than one zone may take: two ends, two starts and an answer. */
const LOCK_MS = 8_000;

/** The server runs and does not answer as it should. */
export class NoAnswerError extends Error {
  constructor({ daemon }: Engine, { name, isThere }: Expectation, address: string) {
    const what = isThere ? `does not know "${name}"` : `still knows "${name}"`;
    super(`"${daemon.path}" ${what}, asked at "${address}"; what it printed is in "${daemon.output}"`);
    this.name = 'NoAnswerError';
  }
}

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

/** A publication with what was found. */
interface Found extends Pick<Context, 'plain'> {
  readonly zone: Zone;
  readonly expect: Expectation | undefined;
}

async function settle({ zone, expect, plain }: Found, timeoutMs: number): Promise<boolean> {
  const [address] = zone.listen;
  if (expect === undefined || address === undefined) return true;
  return doesAnswer({ address, port: zone.port }, expect, { timeoutMs, plain });
}

/** One whose file was lost still runs, and has the port; dnsmasq would start beside it. */
async function end({ daemon }: Engine): Promise<void> {
  const running = runningDaemon(daemon);
  for (const one of [...(running === undefined ? [] : [running]), ...strayDaemons(daemon)])
    await endDaemon(one);
}

async function start(engine: Engine, found: Found): Promise<void> {
  await startDaemon(engine.daemon);
  if (await settle(found, START_MS)) return;
  const { expect, zone } = found;
  if (expect !== undefined) throw new NoAnswerError(engine, expect, zone.listen.join(', '));
}

/** The server, unless it is dead, of an older release or in another namespace. */
function usable({ daemon }: Engine): RunningDaemon | undefined {
  const running = runningDaemon(daemon);
  return running?.isHere === true && running.isCurrent ? running : undefined;
}

/** Whether a server that runs has taken up the change. */
async function followed(engine: Engine, running: RunningDaemon, found: Found): Promise<boolean> {
  if (engine.isShared) signalDaemon(running, 'SIGHUP');
  return settle(found, CHANGE_MS);
}

/** Takes a zone from its server, and ends one that has no other. */
async function withdraw(engine: Engine): Promise<void> {
  const running = runningDaemon(engine.daemon);
  if (engine.isShared) removeWatched(engine.remains);
  const hasOthers = engine.hasOthers();
  if (running !== undefined) {
    if (hasOthers) signalDaemon(running, 'SIGHUP');
    else await endDaemon(running);
  }
  if (!hasOthers) removeWatched(engine.daemon.pidFile);
  if (!engine.isShared) removeWatched(engine.remains);
}

/** Takes the zone from a server that is not to serve it any more, or serves it otherwise. */
async function withdrawFormer(former: NotedZone, engine: Engine): Promise<void> {
  const served = engineFor(former.zone, former.program);
  const isSame = served.file === engine.file && served.daemon.args.join(' ') === engine.daemon.args.join(' ');
  if (!isSame) await withdraw(served);
}

/** Whether what the host was told of one zone is replaced by what it is told of the other. */
function isToldAlike(former: Zone, zone: Zone): boolean {
  return former.host === zone.host && former.bridge === zone.bridge;
}

/** Takes back what does not hold any more of how the zone was served, by its note. */
async function leaveFormer(
  { network, program, dataDir }: Publication,
  zone: Zone,
  ctx: Context,
): Promise<Engine> {
  const engine = engineFor(zone, program);
  const former = isNoted(noteOf({ program, dataDir }, zone)) ? undefined : notedZone(network);
  if (former !== undefined) await withdrawFormer(former, engine);
  if (former !== undefined && !isToldAlike(former.zone, zone)) await forgetAtHost(former.zone, ctx);
  if (engine.outdated !== undefined) removeWatched(engine.outdated);
  return engine;
}

function noteOf({ program, dataDir }: Pick<Publication, 'program' | 'dataDir'>, zone: Zone): NotedZone {
  return { zone, program, ...(dataDir === undefined ? {} : { dataDir }) };
}

/** Writes down what a zone has and where it is served, and tells the host. */
async function enter(
  publication: Publication,
  filled: FilledZone,
  ctx: Context,
): Promise<{ readonly engine: Engine; readonly warning: string | undefined }> {
  const { program, lead, isReload = false } = publication;
  const { zone } = filled;
  const engine = engineFor(zone, program);
  const note = noteOf(publication, zone);
  const isNew = !isNoted(note);
  if (isNew) noteZone(note);
  const text = engine.format(filled);
  if (readTextFile(engine.file) !== text) replaceWatched(engine.file, text, ROOT);
  // Before the server, which may be dead: the host must not find a container that has gone.
  const warning = await tellHost(filled, isNew || isReload, ctx);
  ctx.signal?.throwIfAborted();
  await lead();
  return { engine, warning };
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
  const present = runningDaemon(engineFor(asked, program).daemon);
  const zone = present === undefined ? asked : atPort(asked, portOf(present));
  const former = await leaveFormer(publication, zone, ctx);
  if (records.length === 0) {
    const warning = await forgetAtHost(zone, ctx);
    await leave(publication, former);
    return { zone, warning };
  }
  const found = { expect: publication.expect(records), plain: ctx.plain };
  const running = usable(former);
  if (running !== undefined) {
    const { engine, warning } = await enter(publication, { zone, records }, ctx);
    if (await followed(engine, running, { ...found, zone })) return { zone, warning };
  }
  await end(former);
  const moved = atPort(zone, freePort(zone, program, ctx));
  moveCompanions(moved, program);
  const { engine, warning } = await enter(publication, { zone: moved, records }, ctx);
  await start(engine, { ...found, zone: moved });
  return { zone: moved, warning };
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
