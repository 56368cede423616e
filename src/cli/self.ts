import { isSea } from 'node:sea';
import { findTool } from '../sys/process/tool.ts';
import { isRoot } from '../sys/user.ts';

/** The command for flatnet: its name if it is on the PATH, else the path of this executable. */
export function ownCommand(): string {
  return findTool('flatnet') === undefined && isSea() ? process.execPath : 'flatnet';
}

export interface Prompt {
  readonly own: string;
  /** True for root on a machine without sudo. */
  readonly isWithoutSudo: boolean;
}

function typedAt(text: string, { own, isWithoutSudo }: Prompt): string {
  const named = text.replaceAll('sudo flatnet ', `sudo ${own} `);
  // sudoedit comes with sudo; on Debian it starts editor(1).
  return isWithoutSudo
    ? named.replaceAll(/\bsudo (?=\S)/g, '').replaceAll(/\bsudoedit (?=\S)/g, 'editor ')
    : named;
}

/** Adapts the command lines in a text to this machine and user. */
export function asTyped(text: string): string {
  return typedAt(text, { own: ownCommand(), isWithoutSudo: isRoot() && findTool('sudo') === undefined });
}

/** Characters that a terminal would interpret or hide. */
const UNSEEN = /[\p{Cc}\p{Cf}]/u;
const ESCAPED = /[\p{Cc}\p{Cf}'\\]/gu;

/** In the syntax of bash's `$'…'`. */
function escapeCharacter(character: string): string {
  return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
}

/** Quotes a word for a shell, with invisible characters escaped. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (UNSEEN.test(word)) return `$'${word.replace(ESCAPED, escapeCharacter)}'`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
