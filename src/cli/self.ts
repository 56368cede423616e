import { isSea } from 'node:sea';
import { findTool } from '../sys/tool.ts';

/** What a person types to run flatnet: its name once it is installed, before that the path of this executable. */
export function ownCommand(): string {
  return findTool('flatnet') === undefined && isSea() ? process.execPath : 'flatnet';
}

/** Command lines in a text, written as they work on this machine. */
export function asTyped(text: string): string {
  return text.replaceAll('sudo flatnet ', `sudo ${ownCommand()} `);
}

/** A word as a shell takes it literally. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
