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
}

/** A publication with what was found. */
interface Found extends Pick<Context, 'plain'> {
  readonly zone: Zone;
  readonly expect: Expectation | undefined;
}

async function settle({ zone, expect, plain }: Found, timeoutMs: number): Promise<boolean> {
  const [address] = zone.listen;
  if (expect === undefined || address === undefined) return true;
  return doesAnswer(address, expect, { timeoutMs, plain });
}

/** One whose file was lost still runs, and has the port; dnsmasq would start beside it. */
async function startAnew({ daemon }: Engine): Promise<void> {
  for (const stray of strayDaemons(daemon)) await endDaemon(stray);
  await startDaemon(daemon);
}

async function restart(engine: Engine, running: RunningDaemon | undefined, found: Found): Promise<void> {
  if (running !== undefined) await endDaemon(running);
  await startAnew(engine);
  if (await settle(found, START_MS)) return;
  const { expect, zone } = found;
  if (expect !== undefined) throw new NoAnswerError(engine, expect, zone.listen.join(', '));
}

/** A server that is dead, stuck, of an older release or in another namespace is replaced. */
async function serve(engine: Engine, found: Found): Promise<void> {
  const running = runningDaemon(engine.daemon);
  if (running?.isHere === true && running.isCurrent) {
    if (engine.isShared) signalDaemon(running, 'SIGHUP');
    if (await settle(found, CHANGE_MS)) return;
  }
  await restart(engine, running, found);
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

async function change(publication: Publication, ctx: Context): Promise<string | undefined> {
  const { network, program, dataDir, look } = publication;
  const { zone, records } = await look();
  const engine = engineFor(zone, program);
  const note = { zone, program, ...(dataDir === undefined ? {} : { dataDir }) };
  const isSame = isNoted(note);
  const former = isSame ? undefined : notedZone(network);
  if (former !== undefined) await withdrawFormer(former, engine);
  if (former !== undefined && !isToldAlike(former.zone, zone)) await forgetAtHost(former.zone, ctx);
  if (engine.outdated !== undefined) removeWatched(engine.outdated);
  if (records.length === 0) {
    const warning = await forgetAtHost(zone, ctx);
    await withdraw(engine);
    forgetZone(network);
    return warning;
  }
  const text = engine.format({ zone, records });
  if (!isSame) noteZone(note);
  if (readTextFile(engine.file) !== text) replaceWatched(engine.file, text, ROOT);
  // Before the server, which may be dead: the host must not find a container that has gone.
  const warning = await tellHost({ zone, records }, !isSame || publication.isReload === true, ctx);
  ctx.signal?.throwIfAborted();
  await serve(engine, { zone, expect: publication.expect(records), plain: ctx.plain });
  return warning;
}

/**
 * Makes a zone's server answer with what its network has: the whole of it is written anew at every change, and a server is
 * started for the first container and ends with the last.
 * @returns a warning: the host itself was to find the containers, and does not.
 * @throws NoAnswerError, DaemonError
 */
export async function publish(publication: Publication, ctx: Context): Promise<string | undefined> {
  ctx.signal?.throwIfAborted();
  return withLock(markPath('names'), { timeoutMs: LOCK_MS, label: 'names' }, () => change(publication, ctx));
}

/**
 * Lets the host forget the zones that are not noted: a reboot leaves /etc/hosts, and no container.
 * @returns a sentence, if that could not be done.
 */
export async function forgetUnnoted(): Promise<readonly string[]> {
  return withLock(markPath('names'), { timeoutMs: LOCK_MS, label: 'names' }, () =>
    clearHosts(notedZones().flatMap(({ zone }) => (zone.host === 'hosts' ? [zone.network] : []))),
  );
}
