import type { Context } from '../../sys/context.ts';
import type { UnknownAttachment } from '../../attachment/remembered.ts';
import { type Restored, restoreAttachments } from '../../attachment/restore.ts';
import { DEFAULT_DATA_DIR } from '../../ipam/store.ts';
import { dataDirOf } from '../facts/pools.ts';
import { findNetworks } from '../network/find.ts';
import { asTyped } from '../self.ts';
import { count } from '../text/format.ts';

export interface Reloaded {
  readonly restored: Restored;
  /** One sentence for each container or rule that could not be restored. */
  readonly complaints: readonly string[];
  /** False if something is missing that the directories should contain. */
  readonly isComplete: boolean;
}

export function describeRestored({ attachments, ports, networks }: Restored): string {
  const where = networks.length === 0 ? '' : ` on ${networks.join(', ')}`;
  return `Restored the rules of ${count(attachments, 'container')}${where}, with ${count(ports, 'published port')}.\n`;
}

/** The data directory of each network, as its file says. */
async function readDataDirectories(): Promise<ReadonlyMap<string, string>> {
  const networks = await findNetworks();
  return new Map(networks.map(({ name, conf }) => [name, dataDirOf(conf) ?? DEFAULT_DATA_DIR]));
}

/** @param isAsked whether the data directory of the container's network was read. */
function explain(
  { containerName, containerID, network }: UnknownAttachment,
  dataDir: string | undefined,
  isAsked: boolean,
): string {
  const name = containerName ?? containerID;
  if (dataDir === undefined)
    return `The rules of container ${name} are unknown: no file in the network directories defines its network "${network}"; run "flatnet reload --data-dir DIR" with its data directory, or restart the container`;
  return isAsked
    ? `The rules of container ${name} are unknown: its state was lost; restart it`
    : `The rules of container ${name} are stored in ${dataDir}: ${asTyped(`sudo flatnet reload --data-dir ${dataDir}`)}`;
}

/** Restores the rules of all networks, or of those in one data directory. */
export async function reload(dataDir: string | undefined, ctx: Context): Promise<Reloaded> {
  const known = await readDataDirectories();
  const directories = dataDir === undefined ? [...new Set([DEFAULT_DATA_DIR, ...known.values()])] : [dataDir];
  const restored = await restoreAttachments(directories, ctx);
  const isAsked = ({ network }: UnknownAttachment) => directories.includes(known.get(network) ?? '');
  const explained = restored.unknown.map((one) => explain(one, known.get(one.network), isAsked(one)));
  // With --data-dir, containers stored in another directory are not missing.
  const missed = restored.unknown.filter((one) => isAsked(one) || !known.has(one.network));
  return {
    restored,
    complaints: [...new Set([...explained, ...restored.failures])],
    isComplete: missed.length + restored.failures.length === 0,
  };
}
