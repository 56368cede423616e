import type { Backend } from '../backend.ts';
import { CliError } from '../failure.ts';
import type { Loss } from './loss.ts';
import { differencesOf } from './meaning.ts';
import { readConflistSource, readNetavarkSource, type Source } from './source.ts';
import { toConflist } from './to-conflist.ts';
import { type NewStamp, toNetavark } from './to-netavark.ts';

/** A network in the file of the other kind. */
export interface Converted {
  readonly text: string;
  /** The same text, read as its backend reads it. */
  readonly target: Source;
  readonly losses: readonly Loss[];
}

/** Reads a file of either kind for a move. */
export function readSource(backend: Backend, text: string, path: string): Source {
  return backend === 'cni' ? readConflistSource(text, path) : readNetavarkSource(text, path);
}

/**
 * Writes a network down for the other backend, reads it back, and compares: what differs has to be among the losses.
 *
 * @param path where the file is to be.
 * @throws FlatnetError where the other backend would refuse the network.
 */
export function convert(source: Source, path: string, stamp: NewStamp): Converted {
  const { text, losses } = source.backend === 'cni' ? toNetavark(source, stamp) : toConflist(source);
  const target = readSource(source.backend === 'cni' ? 'netavark' : 'cni', text, path);
  const told = new Set(losses.flatMap(({ changes = [] }) => changes));
  const untold = differencesOf(source.moved, target.moved).filter((field) => !told.has(field));
  if (untold.length === 0) return { text, target, losses };
  const { name } = source.moved;
  const what = untold.join(', ');
  throw new CliError(
    `Cannot migrate network "${name}": ${what} would change`,
    `this is a defect of flatnet; the file is left as it is: ${source.path}`,
  );
}
