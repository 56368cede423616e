import { isPresent, readText, removeFile, replaceText } from '../../sys/files/text-file.ts';
import type { Layout } from '../layout.ts';
import { isUnchanged, readManifest } from './manifest.ts';

/** A settings file, and every text that this release may have written to it. */
export interface OwnFile {
  readonly path: string;
  readonly texts: readonly string[];
}

/** `kept`: the file was edited. */
export type Outcome = 'written' | 'kept' | 'unchanged';

export const DIFFERS = 'it differs from the text that flatnet would write';

/**
 * A text of this release, or the recorded checksum of another; the mark in line 1 survives edits, so it proves nothing.
 */
function isOwn(layout: Layout, { path, texts }: OwnFile): boolean {
  const noted = readManifest(layout).find((file) => file.path === path);
  return (noted !== undefined && isUnchanged(noted)) || texts.includes(readText(path) ?? '');
}

export function placeOwn(layout: Layout, file: OwnFile, text: string): Outcome {
  const present = readText(file.path);
  if (present === text) return 'unchanged';
  if (present !== undefined && !isOwn(layout, file)) return 'kept';
  replaceText(file.path, text, 0o644);
  return 'written';
}

/** Removes a file unless it was edited; returns a sentence saying which. */
export function removeOwn(layout: Layout, file: OwnFile): readonly string[] {
  if (!isPresent(file.path)) return [];
  if (!isOwn(layout, file)) return [`kept, because it was changed since: ${file.path}`];
  removeFile(file.path);
  return [`removed ${file.path}`];
}
