import { readTextFile } from './files/files.ts';
import { processesHolding } from './port-holder.ts';

/** Fields of /proc/net/unix: `address references protocol flags type state inode path`. */
export function parseSocketInodes(table: string, path: string): readonly string[] {
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[7] === path)
    .map((fields) => fields[6] ?? '');
}

/** Processes that have a unix socket of that path open; without it no process is looked at. */
export function socketHolders(path: string): readonly number[] {
  const inodes = parseSocketInodes(readTextFile('/proc/self/net/unix') ?? '', path);
  return inodes.length === 0 ? [] : processesHolding(new Set(inodes.map((inode) => `socket:[${inode}]`)));
}
