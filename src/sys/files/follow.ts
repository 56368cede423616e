import { closeSync, fstatSync, mkdirSync, openSync, readSync, watch } from 'node:fs';
import { lineReader } from '../../input/lines.ts';

const CHUNK_BYTES = 65_536;

interface Position {
  inode: number;
  offset: number;
}

/** Reads the file beyond the position; a replaced or truncated file from its start. */
function readNew(path: string, position: Position): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    // During a rotation, between the rename and the next line, the file does not exist.
    return '';
  }
  try {
    const { ino, size } = fstatSync(fd);
    if (ino !== position.inode || size < position.offset) Object.assign(position, { inode: ino, offset: 0 });
    const parts: Buffer[] = [];
    for (;;) {
      const buffer = Buffer.alloc(CHUNK_BYTES);
      const length = readSync(fd, buffer, 0, CHUNK_BYTES, position.offset);
      if (length === 0) return Buffer.concat(parts).toString('utf8');
      parts.push(buffer.subarray(0, length));
      position.offset += length;
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * Calls back with existing lines, then with whole lines as they are appended, across rotations, until `signal` aborts.
 */
export function followLines(
  place: { readonly directory: string; readonly name: string },
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const position: Position = { inode: 0, offset: 0 };
  const read = lineReader(onLine);
  const drain = (): void => {
    read(readNew(`${place.directory}/${place.name}`, position));
  };
  mkdirSync(place.directory, { recursive: true, mode: 0o750 });
  const watcher = watch(place.directory, drain);
  drain();
  return new Promise((resolve, reject) => {
    watcher.on('error', reject);
    signal.addEventListener('abort', () => {
      watcher.close();
      drain();
      resolve();
    });
  });
}
