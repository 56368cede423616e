import { hasCode } from '../../sys/files/state-file.ts';
import type { Model } from '../model.ts';
import { change, start } from './change.ts';
import { NginxMissing } from './detect.ts';
import { type Diagnosis, diskFull } from './diagnose.ts';
import type { Features } from './features.ts';
import { proveGeneration } from './prove.ts';
import { look, prepare, servedAs, writeTable } from './prepare.ts';
import { type Quarantine, stillRefused, withoutRefused } from './quarantine.ts';
import { UnrenderableRoute } from './render/grammar.ts';
import { inputFor, type Session } from './session.ts';
import { shapeOf } from './shape.ts';

/** Milliseconds until something may have changed without a word. */
const IDLE_MS = 1_000;
const RETRY_MS = 5_000;
/** A configuration that nginx did not take is tried again after that time: a port may be free by then. */
const FAILED_MS = 30_000;
const GAP_MS = 2_000;
/** More workers than these would eat the host's memory (docker-gen#103). */
const MOST_DRAINING = 8;
const START_PROOF_MS = 5_000;

const TOPIC = { held: 'held', table: 'table', nginx: 'nginx' };

const MISSING: Omit<Diagnosis, 'message'> = {
  code: 'nginx-missing',
  remedy: 'Install it: apt-get install nginx libnginx-mod-http-lua (Fedora: dnf install nginx)',
};

const asText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function diagnosisOf(error: unknown): Diagnosis {
  if (error instanceof NginxMissing) return { ...MISSING, message: error.message };
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return diskFull(asText(error));
  return {
    code: 'gateway-failed',
    message: `Cannot apply the configuration of nginx: ${asText(error)}`,
    remedy: 'It is tried again; the log of flatnetd has more: flatnet logs',
  };
}

/** As `shapeOf`, which renders everything: a turn each second with an unchanged model must cost nothing. */
function shapeWanted(session: Session, model: Model, features: Features): string {
  const { quarantine, known } = session;
  const certificate = JSON.stringify(session.deps.certificate?.());
  if (
    known?.model === model &&
    known.quarantine === quarantine &&
    known.features === features &&
    known.certificate === certificate
  )
    return known.shape;
  const shape = freshShape(session, model, features);
  session.known = { model, quarantine, features, certificate, shape };
  return shape;
}

/** A route that cannot be written is no reason to leave out the rest: `change` finds it. */
function freshShape(session: Session, model: Model, features: Features): string {
  const wanted = withoutRefused(model, session.quarantine);
  try {
    return shapeOf(wanted, inputFor(session, features, 0), session.deps.lua);
  } catch (error) {
    if (error instanceof UnrenderableRoute) return `with ${error.route}`;
    throw error;
  }
}

function noteQuarantine({ troubles }: Session, former: Quarantine, quarantine: Quarantine): void {
  for (const id of former.keys()) if (!quarantine.has(id)) troubles.clear(`route ${id}`);
  for (const [id, { message }] of quarantine) {
    troubles.set(`route ${id}`, {
      code: 'route-refused',
      message: `nginx refuses the route "${id}", and serves the others: ${message.trim().split('\n')[0] ?? ''}`,
      remedy: `Change the labels of its container: flatnet explain ${id}`,
    });
  }
}

/** nginx was killed, or has not been started yet: the last good configuration serves until there is a newer one. */
async function revive(session: Session, features: Features): Promise<Diagnosis | undefined> {
  const current = session.generations.current();
  if (session.master !== undefined || current === undefined) return undefined;
  const problem = await start(session, features);
  if (problem !== undefined) return problem;
  if (!(await proveGeneration(session.own.proofSocket, current, START_PROOF_MS))) return undefined;
  session.served = servedAs(session, current);
  session.log(`started nginx with generation ${current}`);
  await look(session);
  return undefined;
}

/** Whether a change has to wait, and how long; `undefined` if not. */
function waitingTime(session: Session, shape: string): number | undefined {
  const { failed, now, changedAt, draining, troubles } = session;
  if (failed?.shape === shape && now() - failed.at < FAILED_MS && !session.isForced) return RETRY_MS;
  if (draining.size > MOST_DRAINING) {
    troubles.set(TOPIC.held, {
      code: 'reload-held',
      message: `${draining.size} workers of earlier configurations still serve connections, so new routes wait`,
      remedy: 'They end with their connections, within an hour; containers that move are followed meanwhile',
    });
    return GAP_MS;
  }
  troubles.clear(TOPIC.held);
  const passed = now() - changedAt;
  return session.master !== undefined && passed >= 0 && passed < GAP_MS ? GAP_MS - passed : undefined;
}

/** Keeps the link at what is served: a daemon may have died between the switch and the reload. */
function straighten({ generations, served }: Session): void {
  if (served !== undefined && generations.current() !== served.generation)
    generations.switchTo(served.generation);
}

function tableOf(session: Session, model: Model): void {
  try {
    writeTable(session, model);
    session.troubles.clear(TOPIC.table);
  } catch (error) {
    session.troubles.set(TOPIC.table, diagnosisOf(error));
  }
}

/** Whether nginx serves the model already; what was wrong with it is over then. */
function isServed(session: Session, shape: string): boolean {
  if (session.served?.shape !== shape || session.isForced) return false;
  straighten(session);
  session.wanted = session.served.generation;
  session.failed = undefined;
  session.troubles.clear(TOPIC.nginx, TOPIC.held);
  return true;
}

async function makeChange(session: Session, model: Model, shape: string): Promise<number> {
  const features = await prepare(session);
  const problem = await change(session, model, features);
  session.isForced = false;
  if (problem === undefined) {
    session.failed = undefined;
    session.troubles.clear(TOPIC.nginx);
    return IDLE_MS;
  }
  session.failed = { shape, at: session.now() };
  session.troubles.set(TOPIC.nginx, problem);
  return RETRY_MS;
}

async function attempt(session: Session, model: Model): Promise<number> {
  const features = await prepare(session);
  await look(session);
  tableOf(session, model);
  // A quarantine that did not change stays the same value, by which the known shape is found.
  const left = stillRefused(session.quarantine, model);
  if (left.size !== session.quarantine.size) session.quarantine = left;
  const shape = shapeWanted(session, model, features);
  const dead = await revive(session, features);
  if (dead === undefined && isServed(session, shape)) return IDLE_MS;
  if (dead !== undefined) {
    session.troubles.set(TOPIC.nginx, dead);
    const current = session.generations.current();
    if (current !== undefined && servedAs(session, current)?.shape === shape) return RETRY_MS;
  }
  return waitingTime(session, shape) ?? makeChange(session, model, shape);
}

/**
 * Brings nginx to serve the model, as far as that can be done now. Never throws: what is wrong is among the session's
 * troubles.
 * @returns milliseconds after which to look again.
 */
export async function takeTurn(session: Session, model: Model): Promise<number> {
  const former = session.quarantine;
  try {
    return await attempt(session, model);
  } catch (error) {
    session.troubles.set(TOPIC.nginx, diagnosisOf(error));
    session.wanted = session.served?.generation ?? session.wanted;
    return RETRY_MS;
  } finally {
    noteQuarantine(session, former, session.quarantine);
  }
}
