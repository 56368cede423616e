import { readTextFile } from '../../sys/files/files.ts';
import { isPresent } from '../../sys/files/text-file.ts';
import { readSince, sizeOf } from '../../sys/files/tail.ts';
import { DaemonError } from '../../sys/process/daemon.ts';
import type { Model } from '../model.ts';
import { askNginx } from './detect.ts';
import { type Diagnosis, diagnose } from './diagnose.ts';
import type { Features } from './features.ts';
import { endNginx, masterOf, startNginx } from './processes.ts';
import { proveGeneration } from './prove.ts';
import { servedAs } from './prepare.ts';
import { sift, type Trial, withoutRefused } from './quarantine.ts';
import { MAIN, renderGeneration } from './render/generation.ts';
import { renderTestMain } from './render/main.ts';
import { LISTEN, LISTEN_DEFAULT } from './render/server.ts';
import { inputFor, type Session } from './session.ts';
import { SHAPE_FILE, shapeOf } from './shape.ts';

/*
 * Another configuration: written, tested, switched to, told to nginx, proven; else the former one is restored (gateway.md
 * D1).
 */

const PROOF_MS = 10_000;
const TEST_MAIN = 'test.conf';

/** `nginx -t` could not say whether it takes a configuration. */
class NoVerdict extends Error {}

function trialOf(session: Session, features: Features, generation: number): Trial {
  const input = inputFor(session, features, generation);
  const { generations } = session;
  return {
    fragment: (id) => generations.read(generation, `routes/${id}.conf`),
    async tryOut(model) {
      const files = new Map(renderGeneration(model, input));
      files.set(TEST_MAIN, renderTestMain(input));
      files.set(SHAPE_FILE, shapeOf(model, input, session.deps.lua));
      generations.remove(generation);
      await generations.write(generation, files);
      const main = `${generations.directoryOf(generation)}/${TEST_MAIN}`;
      const { exitCode, stderr } = await askNginx(features.program, ['-t', '-q', '-c', main]);
      if (exitCode === null) throw new NoVerdict('"nginx -t" did not end in time');
      return exitCode === 0 ? undefined : stderr;
    },
  };
}

/** What nginx said since then, to whom ever it could. */
function saidSince({ own, places }: Session, size: number): string {
  return `${readTextFile(own.output) ?? ''}\n${readSince(places.errorLog, size)}`;
}

/** Starts nginx with the current configuration. @returns why that failed. */
export async function start(session: Session, features: Features): Promise<Diagnosis | undefined> {
  const size = sizeOf(session.places.errorLog);
  try {
    await startNginx(session.own, features);
    return undefined;
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    return diagnose(`${saidSince(session, size)}\n${error.message}`.trim());
  }
}

/** Addresses to listen on are not part of a test, and nginx does not take every change of them (gateway.md §3). */
function needsRestart({ generations, served, own }: Session, generation: number): boolean {
  // Without its socket there would be no proof; a reload does not make it again.
  if (!isPresent(own.proofSocket)) return true;
  return [MAIN, LISTEN, LISTEN_DEFAULT].some(
    (file) => generations.read(generation, file) !== generations.read(served?.generation ?? generation, file),
  );
}

async function tell(
  session: Session,
  features: Features,
  generation: number,
): Promise<Diagnosis | undefined> {
  if (masterOf(session.own) === undefined) return start(session, features);
  if (needsRestart(session, generation)) {
    await endNginx(session.own);
    return start(session, features);
  }
  const { exitCode, stderr } = await askNginx(features.program, ['-s', 'reload', '-c', session.own.main]);
  return exitCode === 0 ? undefined : diagnose(stderr);
}

/** Has nginx serve the current configuration. @returns why it does not. */
export async function putIntoForce(
  session: Session,
  features: Features,
  generation: number,
): Promise<Diagnosis | undefined> {
  const size = sizeOf(session.places.errorLog);
  const refused = await tell(session, features, generation);
  session.changedAt = session.now();
  if (refused !== undefined) return refused;
  if (await proveGeneration(session.own.proofSocket, generation, PROOF_MS)) {
    session.served = servedAs(session, generation);
    session.master = masterOf(session.own);
    return undefined;
  }
  return diagnose(readSince(session.places.errorLog, size));
}

/** Back to the last good one; nginx goes on with it by itself unless it had to be ended. */
async function restore(session: Session, features: Features): Promise<void> {
  const good = session.served?.generation;
  if (good === undefined) return;
  session.generations.switchTo(good);
  if (masterOf(session.own) === undefined) await start(session, features);
}

/** Makes the model what nginx serves. @returns why it does not; its routes' faults are in the quarantine. */
export async function change(
  session: Session,
  model: Model,
  features: Features,
): Promise<Diagnosis | undefined> {
  const { generations } = session;
  const generation = generations.next();
  session.wanted = generation;
  const sifted = await sift(
    withoutRefused(model, session.quarantine),
    trialOf(session, features, generation),
  );
  session.quarantine = new Map([...session.quarantine, ...sifted.refused]);
  const isSame = servedAs(session, generation)?.shape === session.served?.shape && !session.isForced;
  if (sifted.broken !== undefined || isSame) {
    generations.remove(generation);
    session.wanted = session.served?.generation ?? 0;
    return sifted.broken === undefined ? undefined : diagnose(sifted.broken);
  }
  generations.switchTo(generation);
  const problem = await putIntoForce(session, features, generation);
  if (problem === undefined) session.log(`serves generation ${generation}`);
  else await restore(session, features);
  generations.prune([session.served?.generation, generations.current()]);
  return problem;
}
