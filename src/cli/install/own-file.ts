import { isPresent, readText, removeFile, replaceText } from '../../sys/files/text-file.ts';
import type { Layout } from '../layout.ts';
import { isUnchanged, readManifest } from './manifest.ts';

/** A file of settings, and every text this release may have put there. */
export interface OwnFile {
  readonly path: string;
  readonly texts: readonly string[];
}

/** `kept`: the file was edited. */
export type Outcome = 'written' | 'kept' | 'unchanged';

/** Why a file was kept that would have been written. */
export const DIFFERS = 'it differs from the text that flatnet would write';

/**
 * Whether the file is flatnet's, unedited: a text of this release, or the recorded checksum of another release. The mark
 * in the first line does not tell whether the rest was edited.
 */
function isOwn(layout: Layout, { path, texts }: OwnFile): boolean {
  const noted = readManifest(layout).find((file) => file.path === path);
  return (noted !== undefined && isUnchanged(noted)) || texts.includes(readText(path) ?? '');
}

/** Writes a file unless it was edited. */
export function placeOwn(layout: Layout, file: OwnFile, text: string): Outcome {
  const present = readText(file.path);
  if (present === text) return 'unchanged';
  if (present !== undefined && !isOwn(layout, file)) return 'kept';
  replaceText(file.path, text, 0o644);
  return 'written';
}

/** Removes a file unless it was edited; names what it did. */
export function removeOwn(layout: Layout, file: OwnFile): readonly string[] {
  if (!isPresent(file.path)) return [];
  if (!isOwn(layout, file)) return [`kept, because it was changed since: ${file.path}`];
  removeFile(file.path);
  return [`removed ${file.path}`];
}
