import { shellWord } from '../self.ts';
import type { HostFile } from './host-network.ts';
import { DEFAULT_NETWORK } from './template.ts';

/** A file that was probably meant to define a network of type flatnet. */
export interface Suspect {
  readonly path: string;
  /** Why it does not; names the file. */
  readonly why: string;
  readonly remedy: string;
}

const TYPE = 'flatnet';

/** The word, and each word made by leaving out one of its letters. */
function shortened(word: string): readonly string[] {
  const without = (_: unknown, index: number) => word.slice(0, index) + word.slice(index + 1);
  return [word, ...Array.from({ length: word.length }, without)];
}

/** Whether a type differs from `flatnet` by one letter or by case; `flannel` differs by more. */
export function isMisspelt(type: string): boolean {
  if (type === TYPE) return false;
  const meant = shortened(TYPE);
  return shortened(type.toLowerCase()).some((word) => meant.includes(word));
}

/** A file that cannot be used, of either kind. */
type BrokenFile = Extract<HostFile, { kind: 'broken' }>;
/** Another plugin's list, or another driver's network. */
type OtherFile = Extract<HostFile, { kind: 'other' }>;

export function describeBroken({ path, problem }: BrokenFile): string {
  const { message, details } = problem;
  const said = message.includes(path) ? message : `${path}: ${message}`;
  return details === undefined ? said : `${said}; ${details}`;
}

export function describeOther(file: OtherFile): string {
  if ('driver' in file) return `its driver is ${file.driver}, not ${TYPE}`;
  const { types } = file;
  return `${types.length === 1 ? 'its plugin is' : 'its plugins are'} ${types.join(', ')}, not ${TYPE}`;
}

export function editing(path: string): string {
  return `sudoedit ${shellWord(path)}`;
}

/** Types of plugins, or the driver. */
export function wordsOf(file: OtherFile): readonly string[] {
  return 'driver' in file ? [file.driver] : file.types;
}

function isMeant(file: OtherFile): boolean {
  return wordsOf(file).some(isMisspelt) || file.name === DEFAULT_NETWORK.name;
}

/** Broken files of ours, files with a misspelt type or driver, files with another one under our name. */
export function suspectsAmong(files: readonly HostFile[]): readonly Suspect[] {
  return files.flatMap((file) => {
    const { path } = file;
    const remedy = editing(path);
    if (file.kind === 'broken' && file.isOurs) return [{ path, why: describeBroken(file), remedy }];
    if (file.kind === 'other' && isMeant(file))
      return [{ path, why: `${path}: ${describeOther(file)}`, remedy }];
    return [];
  });
}
