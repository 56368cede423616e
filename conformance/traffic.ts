import type { Place } from './host.ts';

/** Answers TCP and UDP on one port with the address of the peer. */
const SERVER = `
const [address, port] = process.argv.slice(1);
const tcp = require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.end(socket.remoteAddress);
});
const udp = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
udp.on('message', (_, { address: seen, port: to }) => udp.send(seen, to, seen));
tcp.listen(Number(port), address, () => udp.bind(Number(port), address, () => console.log('ready')));
`;

/** Retries until there is an answer or the time is up: an IPv6 address may still be tentative. */
const CLIENT = `
const [protocol, address, port, ms] = process.argv.slice(1);
const end = Date.now() + Number(ms);
const again = () => (Date.now() < end ? setTimeout(ask, 50) : process.exit(1));
const answer = (data) => { console.log(String(data).replace('::ffff:', '')); process.exit(0); };
const ask = () => {
  if (protocol === 'tcp') {
    const socket = require('node:net').connect({ host: address, port: Number(port), timeout: 1000 });
    socket.once('data', answer).once('error', again).once('timeout', () => { socket.destroy(); again(); });
  } else {
    const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const timer = setTimeout(() => { socket.close(); again(); }, 500);
    socket.once('message', answer).once('error', () => { clearTimeout(timer); socket.close(); again(); });
    socket.send('?', Number(port), address);
  }
};
ask();
`;

const PORT = 8080;

/** A destination, and how to reach it. */
export interface Reach {
  readonly address: string;
  readonly port?: number;
  readonly protocol?: 'tcp' | 'udp';
  /** How long to keep trying, in ms. */
  readonly withinMs?: number;
}

/** Listens on an address of a namespace, by default on all, until the host ends. */
export async function listen(place: Place, address = '0.0.0.0', port = PORT): Promise<void> {
  const server = place.start([process.execPath, '-e', SERVER, address, String(port)], { timeoutMs: 60_000 });
  if ((await server.firstOutput).startsWith('ready')) return;
  throw new Error(`Cannot listen on ${address}: ${(await server.result).stderr.trim()}`);
}

/** Connects from a namespace; returns the source address that the server saw, or `undefined` without an answer. */
export async function reach(place: Place, target: Reach): Promise<string | undefined> {
  const { address, port = PORT, protocol = 'tcp', withinMs = 4000 } = target;
  const argv = [process.execPath, '-e', CLIENT, protocol, address, String(port), String(withinMs)];
  const { exitCode, stdout } = await place.exec(argv);
  return exitCode === 0 ? stdout.trim() : undefined;
}
