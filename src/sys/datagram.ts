import { monotonicMs } from './clock.ts';

/** A server to send a datagram to; the address is of this host. */
export interface Destination {
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
}

/**
 * Sends one datagram over UDP and returns the first answer; `undefined` if none comes in time, or nobody listens.
 * Loads `node:dgram` here, because most calls need none.
 */
export function exchange(
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
