import { isPresent, readText, removeFile, replaceText } from '../../sys/files/text-file.ts';
import type { Layout } from '../layout.ts';
import { isUnchanged, readManifest } from './manifest.ts';

/** A file of settings, and every text this release may have put there. */
export interface OwnFile {
  readonly path: string;
  readonly texts: readonly string[];
}

/** What happened to a file: `kept` because somebody changed it. */
export type Outcome = 'written' | 'kept' | 'unchanged';

/** Why a file was kept that would have been written. */
export const DIFFERS = 'it differs from the text that flatnet would write';

/**
 * Whether what lies there is flatnet's: a text of this release, or what was noted when another release put it there.
 * Whose the first line says it is does not tell whether somebody changed what follows.
 */
function isOwn(layout: Layout, { path, texts }: OwnFile): boolean {
  const noted = readManifest(layout).find((file) => file.path === path);
  return (noted !== undefined && isUnchanged(noted)) || texts.includes(readText(path) ?? '');
}

/** Writes a file unless somebody changed it. */
export function placeOwn(layout: Layout, file: OwnFile, text: string): Outcome {
  const present = readText(file.path);
  if (present === text) return 'unchanged';
  if (present !== undefined && !isOwn(layout, file)) return 'kept';
  replaceText(file.path, text, 0o644);
  return 'written';
}

/** Removes a file unless somebody changed it; says which of the two, and nothing of a file that is not there. */
export function removeOwn(layout: Layout, file: OwnFile): readonly string[] {
  if (!isPresent(file.path)) return [];
  if (!isOwn(layout, file)) return [`kept, because it was changed since: ${file.path}`];
  removeFile(file.path);
  return [`removed ${file.path}`];
}
