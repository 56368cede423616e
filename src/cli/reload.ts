import { UNBOUNDED } from '../sys/context.ts';
import type { UnknownAttachment } from '../attachment/remembered.ts';
import { type Restored, restoreAttachments } from '../attachment/restore.ts';
import { DEFAULT_DATA_DIR } from '../ipam/store.ts';
import { dataDirOf } from './facts/networks.ts';
import { EXIT, type Io, printJson } from './io.ts';
import { networkDirectory } from './network/command.ts';
import { flatnetNetworks, readConflists } from './network/find.ts';
import { asTyped } from './self.ts';
import { count } from './text/format.ts';
import { printable } from './text/printable.ts';
import { type Call, isSet, textOf } from './spec.ts';

function describe({ attachments, ports, networks }: Restored): string {
  const where = networks.length === 0 ? '' : ` on ${networks.join(', ')}`;
  return `Put back the rules of ${count(attachments, 'container')}${where}, with ${count(ports, 'published port')}.\n`;
}

/** Where each network keeps its state, as its file says. */
function readHomes(): ReadonlyMap<string, string> {
  const networks = flatnetNetworks(readConflists(networkDirectory()));
  return new Map(networks.map(({ name, conf }) => [name, dataDirOf(conf) ?? DEFAULT_DATA_DIR]));
}

/** @param isAsked whether the directory in which the container's network keeps its state was looked into. */
function explain(
  { containerName, containerID, network }: UnknownAttachment,
  home: string | undefined,
  isAsked: boolean,
): string {
  const name = containerName ?? containerID;
  if (home === undefined)
    return `Nothing is remembered of container ${name}: no file in the network directory names its network "${network}"; run "flatnet reload --data-dir DIR" with its data directory, or restart the container`;
  return isAsked
    ? `Nothing is remembered of the rules of container ${name}: its state was lost; restart it`
    : `The rules of container ${name} are remembered in ${home}: ${asTyped(`sudo flatnet reload --data-dir ${home}`)}`;
}

/**
 * `flatnet reload [--data-dir DIR]`: puts back every rule after a firewall was reloaded or its rules were flushed; of
 * all networks, or of those in one data directory.
 *
 * @returns the exit code: 1 when something could not be put back, which is named on stderr.
 */
export async function reload(call: Call, io: Io): Promise<number> {
  const asked = textOf(call, 'dataDir');
  const homes = readHomes();
  const directories = asked === undefined ? [...new Set([DEFAULT_DATA_DIR, ...homes.values()])] : [asked];
  const replayed = await restoreAttachments(directories, UNBOUNDED);
  const ids = [...new Set(replayed.unknown.map(({ containerID }) => containerID))];
  if (isSet(call, 'json')) printJson(io, { ...replayed, unknown: ids });
  else io.out(describe(replayed));
  const isAsked = ({ network }: UnknownAttachment) => directories.includes(homes.get(network) ?? '');
  const said = replayed.unknown.map((one) => explain(one, homes.get(one.network), isAsked(one)));
  for (const sentence of new Set([...said, ...replayed.failures])) io.err(`${printable(sentence)}\n`);
  // With a directory named, containers that another one is known to remember are not missed.
  const missed = replayed.unknown.filter((one) => isAsked(one) || !homes.has(one.network));
  return missed.length + replayed.failures.length === 0 ? EXIT.ok : EXIT.warnings;
}
