import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { lineReader } from '../input/lines.ts';
import { hasCode } from './files/state-file.ts';

/* HTTP over a unix socket, for services of this host. */

export interface SocketRequest {
  readonly socket: string;
  /** With query. */
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole answer. */
  readonly timeoutMs: number;
}

export interface SocketAnswer {
  readonly status: number;
  readonly body: string;
}

/** Nobody listens at the socket, or there is none. */
export function isAbsentService(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK'].some((code) => hasCode(error, code));
}

/** Far above what Podman says of a thousand containers. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;

function open({ socket, path, method = 'GET', headers = {} }: SocketRequest): ClientRequest {
  // Without an agent: a connection kept alive would outlive a service that systemd ends when it is idle.
  return request({
    socketPath: socket,
    path,
    method,
    headers: { host: 'localhost', ...headers },
    agent: false,
  });
}

/**
 * Asks once and reads the whole answer, whatever its status.
 * @throws the system's error, or one that says what was not answered in time or too long.
 */
export function requestSocket(asked: SocketRequest): Promise<SocketAnswer> {
  const { socket, path, timeoutMs } = asked;
  return new Promise((resolve, reject) => {
    const sent = open(asked);
    const timer = setTimeout(() => {
      sent.destroy(new Error(`"${socket}" did not answer "${path}" within ${timeoutMs / 1_000} s`));
    }, timeoutMs);
    sent.once('close', () => {
      clearTimeout(timer);
    });
    sent.once('error', reject).once('response', (answer: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > ANSWER_LIMIT_BYTES) sent.destroy(new Error(`"${socket}" answered "${path}" without end`));
      });
      answer.once('error', reject).once('end', () => {
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.end();
  });
}

/**
 * Reads an answer that does not end, line by line, until `signal` aborts or the service closes it.
 * @throws the system's error, and an Error for another status than 200.
 */
export function followSocket(
  asked: Omit<SocketRequest, 'timeoutMs'>,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = open({ ...asked, timeoutMs: 0 });
    const stop = () => sent.destroy();
    signal.addEventListener('abort', stop, { once: true });
    sent.once('close', () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    sent.once('error', reject).once('response', (answer: IncomingMessage) => {
      if (answer.statusCode !== 200) {
        sent.destroy(new Error(`"${asked.socket}" answered "${asked.path}" with ${answer.statusCode ?? 0}`));
      }
      answer.setEncoding('utf8').on('data', lineReader(onLine));
      answer.once('error', reject);
    });
    sent.end();
  });
}
