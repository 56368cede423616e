import { request } from 'node:http';

/** An answer over a unix socket. */
export interface SocketAnswer {
  readonly status: number;
  readonly body: string;
}

/** GET of a path; `undefined` if nothing listens there, or not in time. */
export function askSocket(
  socket: string,
  path: string,
  timeoutMs: number,
): Promise<SocketAnswer | undefined> {
  return new Promise((resolve) => {
    const settle = (answer: SocketAnswer | undefined) => {
      clearTimeout(timer);
      asked.destroy();
      resolve(answer);
    };
    const asked = request(
      { socketPath: socket, path, agent: false, headers: { host: 'localhost' } },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', () => {
          settle(undefined);
        });
        answer.on('end', () => {
          settle({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() });
        });
      },
    );
    const timer = setTimeout(settle, timeoutMs, undefined);
    asked.on('error', () => {
      settle(undefined);
    });
    asked.end();
  });
}
