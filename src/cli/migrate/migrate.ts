import { collectDead } from '../../attachment/collect.ts';
import { openHostStore } from '../../attachment/store.ts';
import type { Allocation } from '../../ipam/types.ts';
import { DRIVER } from '../../netavark/network-file.ts';
import { DRIVER_DIRECTORIES, type ContainersConf, readContainersConf } from '../../sys/containers-conf.ts';
import type { Context } from '../../sys/context.ts';
import { moveFile, replaceText } from '../../sys/files/text-file.ts';
import { isExecutableFile } from '../../sys/process/tool.ts';
import type { Backend } from '../backend.ts';
import { inspectBackend } from '../facts/backend.ts';
import { chooseBackend } from '../install/choose.ts';
import { noteInstalled, readManifest } from '../install/manifest.ts';
import { LAYOUT } from '../layout.ts';
import { networkDirectories } from '../network/directory.ts';
import { listMovers, type Mover } from './containers.ts';
import { lookForContainers, lookForFiles } from './look.ts';
import { type FilePlan, planFiles } from './plan.ts';
import { warningsFor } from './warnings.ts';

/** What was typed. */
export interface Request {
  readonly to: Backend | undefined;
  readonly acceptsLoss: boolean;
  readonly dryRun: boolean;
}

/** What was done, or would be. */
export interface Migration extends Pick<FilePlan, 'write' | 'move' | 'lost'> {
  readonly network: string;
  readonly to: Backend;
  readonly dryRun: boolean;
  /** Addresses of containers that are gone; they are remembered by the containers' names. */
  readonly freed: readonly Allocation[];
  readonly containers: readonly Mover[];
  /** What keeps the network from being used, one sentence each. */
  readonly warnings: readonly string[];
}

function hasDriver({ driverDirectories = DRIVER_DIRECTORIES }: ContainersConf): boolean {
  return driverDirectories.some((directory) => isExecutableFile(`${directory}/${DRIVER}`));
}

/** Writes the new file before the old one goes: a move that ends in between is completed by the next. */
function carryOut({ write, move }: FilePlan): void {
  if (write !== undefined) replaceText(write.path, write.text, 0o644);
  if (move === undefined) return;
  moveFile(move.from, move.to);
  // What "flatnet install" made stays what "flatnet uninstall" removes.
  const isInstalled = readManifest(LAYOUT).some(({ path }) => path === move.from);
  if (isInstalled && write !== undefined) noteInstalled(LAYOUT, [write.path]);
}

/**
 * Turns a network of one kind into one of the other. Addresses stay where they are: both kinds keep them under the
 * network's name, and remember them by the container's.
 *
 * @throws CliError or FlatnetError before anything is changed.
 */
export async function migrate(name: string, request: Request, ctx: Context): Promise<Migration> {
  const { acceptsLoss, dryRun } = request;
  const conf = readContainersConf();
  const directories = networkDirectories(conf);
  const backend = await inspectBackend(conf, directories);
  const to = request.to ?? chooseBackend(backend).backend;
  const plan = planFiles(lookForFiles({ name, to, acceptsLoss }, directories));
  const { ipam } = plan.target.moved.conf;
  const known = await lookForContainers(name, ipam.dataDir, ctx);
  const containers = listMovers(known, ipam.pool);
  const { write, move, lost } = plan;
  if (!dryRun && move !== undefined) {
    // An address that a dead container holds would not be remembered by its name.
    if (known.dead.length > 0) await collectDead(openHostStore(ipam.dataDir, ctx), { network: name }, ctx);
    carryOut(plan);
  }
  return {
    network: name,
    to,
    dryRun,
    write,
    move,
    lost,
    freed: move === undefined ? [] : known.dead,
    containers: move === undefined ? [] : containers,
    warnings: warningsFor({ name, to, backend, conf, unlisted: known.unlisted, hasDriver: hasDriver(conf) }),
  };
}
