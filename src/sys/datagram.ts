import { closeSync, readSync, writeSync } from 'node:fs';
import { monotonicMs } from './clock.ts';
import type { Context } from './context.ts';
import { hasCode } from './files/state-file.ts';
import { connectSocket, FAMILY, openSocket, TYPE, waitToRead } from './libc.ts';
import { internetAddress } from './socket-address.ts';

/** A server to send a datagram to; the address is of this host. */
export interface Destination {
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
}

/** What is longer is cut off, as the kernel does with datagrams. */
const ANSWER_BYTES = 4096;

/**
 * `exchange` through the C library, in the namespace of the calling thread. Waits with the whole thread; a server on this host
 * answers within a millisecond.
 */
export function exchangeBySocket(
  { family, address, port }: Destination,
  message: Buffer,
  timeoutMs: number,
): Buffer | undefined {
  const fd = openSocket({ family: family === 4 ? FAMILY.inet : FAMILY.inet6, type: TYPE.datagram });
  try {
    connectSocket(fd, internetAddress(address, port));
    writeSync(fd, message);
    if (!waitToRead(fd, timeoutMs)) return undefined;
    const answer = Buffer.alloc(ANSWER_BYTES);
    return answer.subarray(0, readSync(fd, answer));
  } catch (error) {
    // Nobody listens; or the address went from its link, and came back as unreachable.
    if (hasCode(error, 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL')) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** For a Node without `node:ffi`. Loading `node:dgram` takes 7 ms. */
function exchangeByDgram(
  { family, address, port }: Destination,
  message: Buffer,
  timeoutMs: number,
): Promise<Buffer | undefined> {
  const { createSocket } = process.getBuiltinModule('node:dgram');
  const started = monotonicMs();
  return new Promise((resolve) => {
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
    let isOver = false;
    const end = (answer?: Buffer) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(end, Math.max(timeoutMs - (monotonicMs() - started), 1));
    socket.on('message', end);
    // ECONNREFUSED: nobody listens. It may still come after an answer.
    socket.on('error', () => {
      end();
    });
    socket.once('connect', () => {
      socket.send(message);
    });
    // Without a callback a failure arrives as an 'error', too.
    socket.connect(port, address);
  });
}

/** Sends one datagram over UDP and returns the first answer; `undefined` if none comes in time, or nobody listens. */
export async function exchange(
  destination: Destination,
  message: Buffer,
  { timeoutMs, plain }: { readonly timeoutMs: number } & Pick<Context, 'plain'>,
): Promise<Buffer | undefined> {
  return plain === undefined
    ? exchangeBySocket(destination, message, timeoutMs)
    : exchangeByDgram(destination, message, timeoutMs);
}
