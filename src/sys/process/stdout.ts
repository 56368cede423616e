import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { monotonicMs } from '../clock.ts';
import { hasCode } from '../files/state-file.ts';

/** Raw descriptors: touching `process.stdout` loads the stream modules. */
const STDOUT = 1;
const STDERR = 2;
const PATIENCE_MS = 3_000;

/**
 * Returns once the whole text is written. A pipe is reopened without blocking, so that a runtime that does not read
 * cannot block forever: text beyond the pipe's capacity (64 KiB) waits at most 3 s.
 * @throws the system's error: EPIPE if the runtime closed its end, EAGAIN if it does not read.
 */
export function writeStdout(text: string): void {
  write(STDOUT, text);
}

/** As `writeStdout`, for text that may be lost: an absent reader is no failure. */
export function writeStderr(text: string): void {
  try {
    write(STDERR, text);
  } catch (error) {
    if (!['EPIPE', 'EAGAIN', 'EBADF'].some((code) => hasCode(error, code))) throw error;
  }
}

function write(descriptor: number, text: string): void {
  const { fd, isOwn } = openAnew(descriptor);
  try {
    writeAll(fd, Buffer.from(text, 'utf8'));
  } finally {
    if (isOwn) closeQuietly(fd);
  }
}

/** The reader already has the text; an error now would make the caller write a second document. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // The kernel has released the descriptor even so.
  }
}

function openAnew(descriptor: number): { fd: number; isOwn: boolean } {
  if (!fstatSync(descriptor).isFIFO()) return { fd: descriptor, isOwn: false };
  try {
    return {
      fd: openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK),
      isOwn: true,
    };
  } catch {
    // A pipe without a reader cannot be reopened (ENXIO); the write will report EPIPE.
    return { fd: descriptor, isOwn: false };
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  const deadline = monotonicMs() + PATIENCE_MS;
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!hasCode(error, 'EAGAIN') || monotonicMs() > deadline) throw error;
      // Blocks this thread for a millisecond: there is no other work before the answer is out.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
