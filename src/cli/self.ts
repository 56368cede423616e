import { isSea } from 'node:sea';
import { findTool } from '../sys/process/tool.ts';
import { isRoot } from '../sys/user.ts';

/** How to call flatnet: by its name once it is installed, else by the path of this executable. */
export function ownCommand(): string {
  return findTool('flatnet') === undefined && isSea() ? process.execPath : 'flatnet';
}

export interface Prompt {
  /** How flatnet is called there. */
  readonly own: string;
  /** Whether it is root's, on a machine without sudo. */
  readonly isWithoutSudo: boolean;
}

/** Command lines in a text, written as they work at that prompt. */
function typedAt(text: string, { own, isWithoutSudo }: Prompt): string {
  const named = text.replaceAll('sudo flatnet ', `sudo ${own} `);
  // sudoedit comes with sudo; editor(1) is what it would start on Debian.
  return isWithoutSudo
    ? named.replaceAll(/\bsudo (?=\S)/g, '').replaceAll(/\bsudoedit (?=\S)/g, 'editor ')
    : named;
}

/** Command lines in a text, as they work on this machine for this user. */
export function asTyped(text: string): string {
  return typedAt(text, { own: ownCommand(), isWithoutSudo: isRoot() && findTool('sudo') === undefined });
}

/** Characters that a terminal would interpret or hide. */
const UNSEEN = /[\p{Cc}\p{Cf}]/u;
const ESCAPED = /[\p{Cc}\p{Cf}'\\]/gu;

/** As bash reads it in `$'…'`. */
function escapeCharacter(character: string): string {
  return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
}

/** A word as a shell takes it literally, in characters that can be seen. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (UNSEEN.test(word)) return `$'${word.replace(ESCAPED, escapeCharacter)}'`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
