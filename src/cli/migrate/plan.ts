import type { Backend } from '../backend.ts';
import { CliError } from '../failure.ts';
import { quote } from '../../input/quote.ts';
import { shellWord } from '../self.ts';
import { convert, readSource } from './convert.ts';
import type { Loss } from './loss.ts';
import { differencesOf } from './meaning.ts';
import type { Source } from './source.ts';
import type { NewStamp } from './to-netavark.ts';

/** A file as it was found. */
export interface FoundFile {
  readonly path: string;
  readonly text: string;
}

/** What is there of a network of that name, and what was asked. */
export interface Found {
  readonly name: string;
  readonly to: Backend;
  /** Files of the other kind that define the network. */
  readonly sources: readonly FoundFile[];
  /** The file of the kind it is to become. */
  readonly target: FoundFile | undefined;
  /** Where that is or would be. */
  readonly targetPath: string;
  /** Copies that earlier moves have set aside beside the source. */
  readonly backups: readonly FoundFile[];
  readonly stamp: NewStamp;
  readonly acceptsLoss: boolean;
}

/** What is to be done with the files of a network, in this order; both are absent where it was done before. */
export interface FilePlan {
  readonly write: FoundFile | undefined;
  readonly move: { readonly from: string; readonly to: string } | undefined;
  /** Keys that are lost, all of them accepted. */
  readonly lost: readonly Loss[];
  /** The network as it will be. */
  readonly target: Source;
}

interface Refusal {
  readonly reason: string;
  /** Lines. */
  readonly remedy: string;
}

function refuse({ name, to }: Pick<Found, 'name' | 'to'>, { reason, remedy }: Refusal): CliError {
  return new CliError(`Cannot migrate network "${name}" to ${describeBackend(to)}: ${reason}`, remedy);
}

/** What a kind of network is called in a sentence. */
export function describeBackend(backend: Backend): string {
  return backend === 'cni' ? 'CNI' : 'netavark';
}

/** The source's content under a name that no runtime reads; the same name again for the same content. */
function backupPath(source: FoundFile, backups: readonly FoundFile[]): string {
  for (let number = 1; ; number += 1) {
    const path = `${source.path}.bak${number === 1 ? '' : `-${number}`}`;
    const present = backups.find((backup) => backup.path === path);
    if (present === undefined || present.text === source.text) return path;
  }
}

/** One line for each: `ipam.routes[0].mtu 1400: a route of netavark has no MTU`. */
export function describeLoss({ key, value, why }: Loss): string {
  return `${key} ${quote(value)}: ${why}`;
}

function refuseLoss({ name, to }: Found, losses: readonly Loss[]): CliError {
  const keys = losses.map(({ key }) => key).join(', ');
  const command = `sudo flatnet migrate ${shellWord(name)} --to ${to} --accept-loss`;
  return refuse(
    { name, to },
    {
      reason: `it has no word for ${keys}`,
      remedy: [...losses.map(describeLoss), `To go on without: ${command}`].join('\n'),
    },
  );
}

function requireSource(found: Found): FoundFile | undefined {
  const { name, to, sources, target } = found;
  const [source, second] = sources;
  if (second !== undefined) {
    const paths = sources.map(({ path }) => path);
    throw refuse(
      { name, to },
      {
        reason: `${paths.join(' and ')} define it`,
        remedy: `keep one of them: sudo mv ${shellWord(second.path)} ${shellWord(`${second.path}.bak`)}`,
      },
    );
  }
  if (source !== undefined || target !== undefined) return source;
  throw refuse({ name, to }, { reason: 'there is no such network', remedy: 'flatnet network ls' });
}

/** Refuses to overwrite a network that is there already and is another one. */
function refuseDifferent({ name, to, target }: Found, wanted: Source): boolean {
  if (target === undefined) return false;
  const differences = differencesOf(wanted.moved, readSource(to, target.text, target.path).moved);
  if (differences.length === 0) return true;
  throw refuse(
    { name, to },
    {
      reason: `${target.path} is there already, with other ${differences.join(', ')}`,
      remedy: `remove it, or set it aside: sudo mv ${shellWord(target.path)} ${shellWord(`${target.path}.bak`)}`,
    },
  );
}

/**
 * Plans what becomes of the files of a network. Pure; the new file is read as its backend would read it.
 *
 * @throws CliError or FlatnetError where the network is not there, is not flatnet's, cannot be the same in the other kind
 * of file, or is there already and differs.
 */
export function planFiles(found: Found): FilePlan {
  const { to, target, targetPath, backups, stamp } = found;
  const source = requireSource(found);
  if (source === undefined) {
    const { text = '', path = '' } = target ?? {};
    return { write: undefined, move: undefined, lost: [], target: readSource(to, text, path) };
  }
  const read = readSource(to === 'cni' ? 'netavark' : 'cni', source.text, source.path);
  const { text, target: wanted, losses } = convert(read, targetPath, stamp);
  const isThere = refuseDifferent(found, wanted);
  if (losses.length > 0 && !found.acceptsLoss) throw refuseLoss(found, losses);
  return {
    write: isThere ? undefined : { path: targetPath, text },
    move: { from: source.path, to: backupPath(source, backups) },
    lost: losses,
    target: wanted,
  };
}
