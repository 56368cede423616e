import type { Context } from '../sys/context.ts';
import { readWatched, removeWatched, replaceWatched } from '../sys/files/watched-file.ts';
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
import { doesAnswer, type Expectation } from './question.ts';
import type { NameRecord } from './record.ts';
import { forgetZone, noteZone, type NotedZone, notedZone } from './noted.ts';
import { STAGING } from './places.ts';
import type { Zone } from './zone.ts';

/** For a running server to take up a change, and for one that was started to answer, in milliseconds. */
const CHANGE_MS = 500;
const START_MS = 3_000;
const LOCK_MS = 5_000;

/** The server runs and does not answer as it should. */
export class NoAnswerError extends Error {
  constructor({ daemon }: Engine, { name, isThere }: Expectation, address: string) {
    const what = isThere ? `does not know "${name}"` : `still knows "${name}"`;
    super(`"${daemon.path}" ${what}, asked at "${address}"; what it printed is in "${daemon.output}"`);
    this.name = 'NoAnswerError';
  }
}

/** What a zone is to have, and by whom it is to be served. */
export interface Publication {
  readonly noted: NotedZone;
  /** Runs once no other process changes names, so that none is published that has gone meanwhile. */
  readonly look: () => Promise<readonly NameRecord[]>;
  /** What the server must answer when this is over, by all that there is. */
  readonly expect: (records: readonly NameRecord[]) => Expectation | undefined;
}

/** A publication with what was found. */
interface Found {
  readonly zone: Zone;
  readonly expect: Expectation | undefined;
}

async function settle({ zone, expect }: Found, timeoutMs: number): Promise<boolean> {
  const [address] = zone.listen;
  if (expect === undefined || address === undefined) return true;
  return doesAnswer(address, expect, timeoutMs);
}

/** One whose file was lost still runs, and has the port. */
async function startAnew({ daemon }: Engine): Promise<void> {
  try {
    await startDaemon(daemon);
  } catch (error) {
    const strays = strayDaemons(daemon);
    if (strays.length === 0) throw error;
    for (const stray of strays) await endDaemon(stray);
    await startDaemon(daemon);
  }
}

async function restart(engine: Engine, running: RunningDaemon | undefined, found: Found): Promise<void> {
  if (running !== undefined) await endDaemon(running);
  await startAnew(engine);
  if (await settle(found, START_MS)) return;
  const { expect, zone } = found;
  if (expect !== undefined) throw new NoAnswerError(engine, expect, zone.listen.join(', '));
}

/** A server that is dead, stuck, of an older release or in another namespace is replaced. */
async function serve(engine: Engine, isChanged: boolean, found: Found): Promise<void> {
  const running = runningDaemon(engine.daemon);
  if (running?.isHere === true && running.isCurrent) {
    if (isChanged && engine.isShared) signalDaemon(running, 'SIGHUP');
    if (await settle(found, CHANGE_MS)) return;
  }
  await restart(engine, running, found);
}

/** Takes a zone from its server, which ends with its last one. */
async function withdraw(engine: Engine): Promise<void> {
  const running = runningDaemon(engine.daemon);
  removeWatched(engine.remains);
  if (running === undefined) return;
  if (engine.isShared) signalDaemon(running, 'SIGHUP');
  else await endDaemon(running);
}

/** Takes the zone from a server that is not to serve it any more, or serves it otherwise. */
async function withdrawFormer({ zone }: NotedZone, engine: Engine): Promise<void> {
  const former = notedZone(zone.network);
  if (former === undefined) return;
  const served = engineFor(former.zone, former.program);
  const isSame = served.file === engine.file && served.daemon.args.join(' ') === engine.daemon.args.join(' ');
  if (!isSame) await withdraw(served);
}

async function change(publication: Publication): Promise<void> {
  const { noted, look } = publication;
  const { zone, program } = noted;
  const engine = engineFor(zone, program);
  await withdrawFormer(noted, engine);
  const records = await look();
  if (records.length === 0) {
    await withdraw(engine);
    forgetZone(zone.network);
    return;
  }
  const text = engine.format({ zone, records });
  const isChanged = readWatched(engine.file) !== text;
  noteZone(noted);
  if (isChanged) replaceWatched(engine.file, text, STAGING);
  await serve(engine, isChanged, { zone, expect: publication.expect(records) });
}

/**
 * Makes a zone's server answer with what its network has: the whole of it is written anew at every change, and a server is
 * started for the first container and ends with the last.
 * @throws NoAnswerError, DaemonError
 */
export async function publish(publication: Publication, ctx: Context): Promise<void> {
  ctx.signal?.throwIfAborted();
  await withLock(markPath('names'), { timeoutMs: LOCK_MS, label: 'names' }, () => change(publication));
}
