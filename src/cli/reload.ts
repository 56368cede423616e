import { type Replayed, replay } from '../cni/replay.ts';
import { type Io, printJson } from './io.ts';
import { count } from './text/format.ts';
import { type Call, isSet, textOf } from './spec.ts';

function describe({ attachments, ports, networks }: Replayed): string {
  const where = networks.length === 0 ? '' : ` on ${networks.join(', ')}`;
  return `Put back the rules of ${count(attachments, 'container')}${where}, with ${count(ports, 'published port')}.\n`;
}

/**
 * `flatnet reload [--data-dir DIR]`: puts back every rule after a firewall was reloaded or its rules were flushed.
 *
 * @returns the exit code, 0. Containers of which nothing is remembered in this directory are named on stderr.
 */
export async function reload(call: Call, io: Io): Promise<number> {
  const replayed = await replay(textOf(call, 'dataDir'));
  if (isSet(call, 'json')) printJson(io, replayed);
  else io.out(describe(replayed));
  for (const id of replayed.unknown) {
    io.err(
      `Nothing is remembered here of container ${id}: its network has another data directory, or its state was lost; restart it then.\n`,
    );
  }
  return 0;
}
