import type { Context } from '../sys/context.ts';
import { removeWatched } from '../sys/files/watched-file.ts';
import {
  endDaemon,
  type RunningDaemon,
  runningDaemon,
  signalDaemon,
  startDaemon,
  strayDaemons,
} from '../sys/process/daemon.ts';
import { type Engine, engineFor } from './engine.ts';
import type { NotedZone } from './noted.ts';
import { doesAnswer, type Expectation } from './question.ts';
import type { Zone } from './zone.ts';

/*
 * The process that answers: started, told of a change, asked whether it has taken it up, and ended.
 */

/** For a running server to take up a change, and for one that was started to answer, in milliseconds. */
const CHANGE_MS = 500;
const START_MS = 1_500;

/** The server runs and does not answer as it should. */
export class NoAnswerError extends Error {
  constructor({ daemon }: Engine, { name, isThere }: Expectation, address: string) {
    const what = isThere ? `does not know "${name}"` : `still knows "${name}"`;
    super(`"${daemon.path}" ${what}, asked at "${address}"; what it printed is in "${daemon.output}"`);
    this.name = 'NoAnswerError';
  }
}

/** A zone, and what its server is to answer. */
export interface Found extends Pick<Context, 'plain'> {
  readonly zone: Zone;
  readonly expect: Expectation | undefined;
}

async function settle({ zone, expect, plain }: Found, timeoutMs: number): Promise<boolean> {
  const [address] = zone.listen;
  if (expect === undefined || address === undefined) return true;
  return doesAnswer({ address, port: zone.port }, expect, { timeoutMs, plain });
}

/** One whose file was lost still runs, and has the port; dnsmasq would start beside it. */
export async function end({ daemon }: Engine): Promise<void> {
  const running = runningDaemon(daemon);
  for (const one of [...(running === undefined ? [] : [running]), ...strayDaemons(daemon)])
    await endDaemon(one);
}

export async function start(engine: Engine, found: Found): Promise<void> {
  await startDaemon(engine.daemon);
  if (await settle(found, START_MS)) return;
  const { expect, zone } = found;
  if (expect !== undefined) throw new NoAnswerError(engine, expect, zone.listen.join(', '));
}

/** The server, unless it is dead, of an older release or in another namespace. */
export function usable({ daemon }: Engine): RunningDaemon | undefined {
  const running = runningDaemon(daemon);
  return running?.isHere === true && running.isCurrent ? running : undefined;
}

/** Whether a server that runs has taken up the change. */
export async function followed(engine: Engine, running: RunningDaemon, found: Found): Promise<boolean> {
  if (engine.isShared) signalDaemon(running, 'SIGHUP');
  return settle(found, CHANGE_MS);
}

/** Takes a zone from its server, and ends one that has no other. */
export async function withdraw(engine: Engine): Promise<void> {
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
export async function withdrawFormer(former: NotedZone, engine: Engine): Promise<void> {
  const served = engineFor(former.zone, former.program);
  const isSame = served.file === engine.file && served.daemon.args.join(' ') === engine.daemon.args.join(' ');
  if (!isSame) await withdraw(served);
}
