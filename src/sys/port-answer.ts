import { connect, type Socket } from 'node:net';
import { hostPort } from '../input/host-port.ts';

/** How a port answers: `refused` covers every way of not accepting a connection. */
export type PortAnswer = 'refused' | 'accepts' | 'http';

export interface AskedPort {
  readonly address: string;
  readonly port: number;
  /** Whether to ask for HTTP once it accepts. */
  readonly http: boolean;
  readonly timeoutMs: number;
}

/** Enough to know a status line by. */
const STATUS_LINE = /^HTTP\/1\.[01] \d{3}/;

function askForHttp(socket: Socket, { address, port }: AskedPort): void {
  socket.write(
    `HEAD / HTTP/1.1\r\nHost: ${hostPort(address, port)}\r\nUser-Agent: flatnetd\r\nConnection: close\r\n\r\n`,
  );
}

/** Connects, asks if it is to, and closes; never rejects. */
export function askPort(asked: AskedPort): Promise<PortAnswer> {
  const { address, port, http, timeoutMs } = asked;
  return new Promise((resolve) => {
    let answer: PortAnswer = 'refused';
    let said = '';
    const socket = connect({ host: address, port });
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(finish, timeoutMs);
    socket.once('error', finish).once('close', finish);
    socket.once('connect', () => {
      answer = 'accepts';
      if (http) askForHttp(socket, asked);
      else finish();
    });
    socket.setEncoding('latin1').on('data', (text: string) => {
      said += text;
      if (STATUS_LINE.test(said)) answer = 'http';
      if (said.length > 16) finish();
    });
  });
}
