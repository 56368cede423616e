import { realpathSync, statSync, writeFileSync } from 'node:fs';
import { hasCode } from './state-file.ts';
import { readText, replaceText } from './text-file.ts';

/*
 * Files that belong to the host and are changed by others, too: /etc/hosts.
 */

/** As one step, except where the file is a mount point, as in a container. */
function replaceAt(path: string, text: Uint8Array, mode: number): void {
  try {
    replaceText(path, text, mode);
  } catch (error) {
    if (!hasCode(error, 'EBUSY')) throw error;
    writeFileSync(path, text);
  }
}

/**
 * Changes the text of a file where that makes a difference. Its mode stays, and so does its owner: a file of another one is
 * written in place.
 * @param change is given a character for each byte, so that what is not UTF-8 stays as it is; what it adds is ASCII.
 * @throws an error of `node:fs`
 */
export function changeText(path: string, change: (text: string) => string): void {
  const present = readText(path, 'latin1');
  const text = change(present ?? '');
  if (text === (present ?? '')) return;
  const next = Buffer.from(text, 'latin1');
  if (present === undefined) {
    replaceText(path, next, 0o644);
    return;
  }
  const target = realpathSync(path);
  const { mode, uid, gid } = statSync(target);
  if (uid === process.geteuid?.() && gid === process.getegid?.()) replaceAt(target, next, mode & 0o7777);
  else writeFileSync(target, next);
}
