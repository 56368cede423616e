import { type Replayed, replay } from '../cni/replay.ts';
import { DEFAULT_DATA_DIR } from '../ipam/store.ts';
import type { Allocation } from '../ipam/types.ts';
import { dataDirOf } from './facts/networks.ts';
import { EXIT, type Io, printJson } from './io.ts';
import { networkDirectory } from './network/command.ts';
import { flatnetNetworks, readConflists } from './network/find.ts';
import { asTyped } from './self.ts';
import { count } from './text/format.ts';
import { printable } from './text/printable.ts';
import { type Call, isSet, textOf } from './spec.ts';

function describe({ attachments, ports, networks }: Replayed): string {
  const where = networks.length === 0 ? '' : ` on ${networks.join(', ')}`;
  return `Put back the rules of ${count(attachments, 'container')}${where}, with ${count(ports, 'published port')}.\n`;
}

/** Where each network keeps its state, as its file says. */
function readHomes(): ReadonlyMap<string, string> {
  const networks = flatnetNetworks(readConflists(networkDirectory()));
  return new Map(networks.map(({ name, conf }) => [name, dataDirOf(conf) ?? DEFAULT_DATA_DIR]));
}

function explain({ containerName, containerID }: Allocation, home: string | undefined, here: string): string {
  const name = containerName ?? containerID;
  if (home === undefined)
    return `Nothing is remembered here of container ${name}: its network has another data directory, or its state was lost; restart it then`;
  return home === here
    ? `Nothing is remembered of the rules of container ${name}: its state was lost; restart it`
    : `The rules of container ${name} are remembered in ${home}: ${asTyped(`sudo flatnet reload --data-dir ${home}`)}`;
}

/**
 * `flatnet reload [--data-dir DIR]`: puts back every rule after a firewall was reloaded or its rules were flushed.
 *
 * @returns the exit code: 1 when there are containers whose rules could not be put back, which are named on stderr.
 */
export async function reload(call: Call, io: Io): Promise<number> {
  const asked = textOf(call, 'dataDir');
  const here = asked ?? DEFAULT_DATA_DIR;
  const replayed = await replay(asked);
  const homes = readHomes();
  const ids = [...new Set(replayed.unknown.map(({ containerID }) => containerID))];
  if (isSet(call, 'json')) printJson(io, { ...replayed, unknown: ids });
  else io.out(describe(replayed));
  const said = replayed.unknown.map((one) => explain(one, homes.get(one.network), here));
  for (const sentence of new Set(said)) io.err(`${printable(sentence)}\n`);
  // Whoever names a directory has asked for no more than what is remembered there.
  const missed = replayed.unknown.filter(
    ({ network }) => asked === undefined || (homes.get(network) ?? here) === here,
  );
  return missed.length === 0 ? EXIT.ok : EXIT.warnings;
}
