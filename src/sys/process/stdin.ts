import { closeSync, constants, openSync, readSync } from 'node:fs';
import { monotonicMs } from '../clock.ts';

/** Real requests are a few KiB; anything near this limit is a mistake or an attack. */
export const STDIN_LIMIT_BYTES = 4 * 1024 * 1024;
const PATIENCE_MS = 4_000;
const CHUNK_BYTES = 65_536;

export class StdinError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StdinError';
  }
}

/**
 * Compares the name, not the class: stdin is read before the part that explains errors is loaded, and that part has its
 * own copy of the class (build/parts.ts).
 */
export function isStdinError(error: unknown): error is StdinError {
  return error instanceof Error && error.name === 'StdinError';
}

const notClosed = () => new StdinError(`stdin was not closed within ${PATIENCE_MS / 1000} s`);
const tooLong = () => new StdinError(`stdin is longer than ${STDIN_LIMIT_BYTES} bytes`);

/**
 * Synchronous reads of a pipe or file cost 0.1 ms where `process.stdin` costs 4 (it loads the stream modules). A pipe
 * is reopened without blocking, so that a writer that never closes it cannot block forever. A socket cannot be reopened
 * and takes the slower way.
 * @throws StdinError after 4 s or beyond 4 MiB.
 */
export async function readStdin(): Promise<string> {
  const fd = reopenStdin();
  if (fd === undefined) return readSocket();
  try {
    return readPipe(fd);
  } finally {
    closeSync(fd);
  }
}

function reopenStdin(): number | undefined {
  try {
    return openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENXIO') return undefined;
    throw new StdinError(`stdin cannot be opened: ${String(code)}`, error);
  }
}

function readPipe(fd: number): string {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const chunks: Buffer[] = [];
  let total = 0;
  const deadline = monotonicMs() + PATIENCE_MS;
  for (;;) {
    const chunk = readChunk(fd, buffer);
    if (chunk === 'end') return Buffer.concat(chunks).toString('utf8');
    if (monotonicMs() > deadline) throw notClosed();
    if (chunk === 'empty') {
      // Blocks this thread for a millisecond: there is no other work before the request is here.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      continue;
    }
    total += chunk.length;
    if (total > STDIN_LIMIT_BYTES) throw tooLong();
    chunks.push(chunk);
  }
}

function readChunk(fd: number, buffer: Buffer): Buffer | 'end' | 'empty' {
  try {
    const length = readSync(fd, buffer);
    // A copy, so that a single byte does not keep a whole buffer alive.
    return length === 0 ? 'end' : Buffer.from(buffer.subarray(0, length));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EAGAIN') return 'empty';
    throw new StdinError(`stdin cannot be read: ${String(code)}`, error);
  }
}

async function readSocket(): Promise<string> {
  const { Socket } = await import('node:net');
  const socket = new Socket({ fd: 0, readable: true, writable: false });
  const timer = setTimeout(() => socket.destroy(notClosed()), PATIENCE_MS);
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of socket) {
      if (!Buffer.isBuffer(chunk)) continue;
      total += chunk.length;
      if (total > STDIN_LIMIT_BYTES) throw tooLong();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
