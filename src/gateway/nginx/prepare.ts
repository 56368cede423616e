import { readTextFile } from '../../sys/files/files.ts';
import { replaceText } from '../../sys/files/text-file.ts';
import { ensureDirectory, ensureGroupDirectory } from '../../sys/files/tree.ts';
import type { Model } from '../model.ts';
import { detectFeatures, groupOf } from './detect.ts';
import type { Features } from './features.ts';
import { lookAtProcesses } from './processes.ts';
import { servedGeneration } from './prove.ts';
import type { Session } from './session.ts';
import { SHAPE_FILE } from './shape.ts';
import { renderTable } from './table.ts';

/*
 * What every turn begins with: what nginx can do, what runs of it, and where containers are now.
 */

const READABLE = 0o644;

/** Directories and the Lua file. @throws an error of `node:fs` */
function furnish({ directories, places, deps }: Session, { user, hasLua }: Features): void {
  const gid = groupOf(readTextFile('/etc/passwd') ?? '', user);
  ensureDirectory(`${directories.state}/temp`);
  ensureDirectory(directories.log);
  // nginx's word for who asks is believed on the sockets in there, so nobody else may reach them.
  if (gid === undefined) ensureDirectory(directories.run);
  else ensureGroupDirectory(directories.run, gid);
  const file = `${places.lua}/flatnet.lua`;
  if (hasLua && readTextFile(file) !== deps.lua) replaceText(file, deps.lua, READABLE);
}

/** @throws NginxMissing, or an error of `node:fs` */
export async function prepare(session: Session): Promise<Features> {
  if (session.features !== undefined) return session.features;
  const features = await detectFeatures(session.deps.settings, `${session.directories.run}/probe`);
  furnish(session, features);
  const how = features.hasLua ? 'follows addresses without a reload' : 'follows addresses by reloads';
  session.log(`nginx ${features.version} at ${features.program} ${how}`);
  session.features = features;
  return features;
}

/** Notes what runs. */
export async function look(session: Session): Promise<void> {
  const { master, draining } = lookAtProcesses(session.own);
  session.draining = new Map(draining.map((pid) => [pid, session.draining.get(pid) ?? session.now()]));
  const isSame = master !== undefined && master === session.master && session.served !== undefined;
  session.master = master;
  if (isSame) return;
  const generation = master === undefined ? undefined : await servedGeneration(session.own.proofSocket);
  session.served = generation === undefined ? undefined : servedAs(session, generation);
}

export function servedAs({ generations }: Session, generation: number): Session['served'] {
  return { generation, shape: generations.read(generation, SHAPE_FILE) ?? '' };
}

/** Tells nginx's workers where containers are: one rename, and no reload. @throws an error of `node:fs` */
export function writeTable(session: Session, model: Model): void {
  if (session.features?.hasLua !== true) return;
  const text = renderTable(model);
  if (text === session.table) return;
  replaceText(session.places.table, text, READABLE);
  session.table = text;
}
