import { shellWord } from '../self.ts';
import type { ConflistFile } from '../../cni/conflist.ts';
import { DEFAULT_NETWORK } from './template.ts';

/** A file that was probably meant to define a network of type flatnet. */
export interface Suspect {
  readonly path: string;
  /** Why it does not, in a sentence that names the file. */
  readonly why: string;
  readonly remedy: string;
}

const TYPE = 'flatnet';

/** The word, and the word without each of its letters. */
function shortened(word: string): readonly string[] {
  const without = (_: unknown, index: number) => word.slice(0, index) + word.slice(index + 1);
  return [word, ...Array.from({ length: word.length }, without)];
}

/** Whether a type is `flatnet` but for one letter, or in capitals; flannel is not. */
export function isMisspelt(type: string): boolean {
  if (type === TYPE) return false;
  const meant = shortened(TYPE);
  return shortened(type.toLowerCase()).some((word) => meant.includes(word));
}

export function describeBroken({ path, problem }: Extract<ConflistFile, { kind: 'broken' }>): string {
  const { message, details } = problem;
  const said = message.includes(path) ? message : `${path}: ${message}`;
  return details === undefined ? said : `${said}; ${details}`;
}

export function describeOther({ types }: Extract<ConflistFile, { kind: 'other' }>): string {
  return `${types.length === 1 ? 'its plugin is' : 'its plugins are'} ${types.join(', ')}, not ${TYPE}`;
}

/** The command that edits a file. */
export function editing(path: string): string {
  return `sudoedit ${shellWord(path)}`;
}

function isMeant(file: Extract<ConflistFile, { kind: 'other' }>): boolean {
  return file.types.some(isMisspelt) || file.name === DEFAULT_NETWORK.name;
}

/** Broken files of ours, files with a misspelt type, files with another type under our name. */
export function suspectsAmong(files: readonly ConflistFile[]): readonly Suspect[] {
  return files.flatMap((file) => {
    const { path } = file;
    const remedy = editing(path);
    if (file.kind === 'broken' && file.isOurs) return [{ path, why: describeBroken(file), remedy }];
    if (file.kind === 'other' && isMeant(file))
      return [{ path, why: `${path}: ${describeOther(file)}`, remedy }];
    return [];
  });
}
