import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';

/*
 * Browsers that never rest, and never try again: each keeps its connection and takes turns with GET and POST over all hosts;
 * others hold a websocket or a stream of events. Ends when the file appears, and prints what was lost.
 *   node clients.ts FILE BROWSERS STREAMS STEADY-HOST HOST...
 */

const [, , stop = '', browsers = '', streams = '', steady = '', ...hosts] = process.argv;
const GATEWAY = { host: '127.0.0.1', port: 80 };
const THINK_MS = 5;
const BODY = Buffer.alloc(2_000, 'x');

const tally = { requests: 0, lost: {} as Record<string, number>, streams: 0, cut: 0, echoes: 0, events: 0 };
let isOver = false;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function lose(method: string, why: string): void {
  const what = `${method}: ${why}`;
  tally.lost[what] = (tally.lost[what] ?? 0) + 1;
}

function ask(agent: Agent, method: 'GET' | 'POST', host: string): Promise<void> {
  return new Promise((resolve) => {
    tally.requests += 1;
    const headers = { Host: host, ...(method === 'POST' ? { 'Content-Length': BODY.length } : {}) };
    const asked = request({ ...GATEWAY, agent, method, path: '/load', headers }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => (text += String(part)));
      answer.on('error', (error) => {
        lose(method, `answer broke off (${error.message})`);
        resolve();
      });
      answer.on('end', () => {
        const isWhole =
          answer.statusCode === 200 && JSON.parse(text).bytes === (method === 'POST' ? BODY.length : 0);
        if (!isWhole) lose(method, `status ${answer.statusCode}`);
        resolve();
      });
    });
    asked.on('error', (error) => {
      lose(
        method,
        `${'code' in error ? String(error.code) : error.message}${asked.reusedSocket ? ' on a kept connection' : ''}`,
      );
      resolve();
    });
    asked.end(method === 'POST' ? BODY : undefined);
  });
}

async function browse(number: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = number; !isOver; turn += 1) {
    await ask(agent, turn % 2 === 0 ? 'GET' : 'POST', hosts[turn % hosts.length]!);
    await pause(THINK_MS);
  }
  agent.destroy();
}

function watch(socket: Socket): void {
  tally.streams += 1;
  const cut = () => {
    if (!isOver) tally.cut += 1;
  };
  socket.once('close', cut);
}

/** Sends a frame each tenth of a second, and counts what comes back. */
function holdSocket(): void {
  const key = randomBytes(16).toString('base64');
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
  const headers = { Host: steady, 'Sec-WebSocket-Key': key, ...upgrade };
  const asked = request({ ...GATEWAY, agent: false, path: '/socket', headers });
  asked.on('upgrade', (_answer, socket: Socket) => {
    watch(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => (tally.echoes += 1));
    // A masked text frame of two letters.
    const timer = setInterval(() => socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])), 100);
    socket.once('close', () => {
      clearInterval(timer);
    });
  });
  asked.on('error', (error) => {
    lose('websocket', error.message);
  });
  asked.end();
}

function holdEvents(): void {
  const asked = request(
    { ...GATEWAY, agent: false, path: '/events', headers: { Host: steady } },
    (answer) => {
      watch(answer.socket);
      answer.on('error', () => undefined);
      answer.on('data', () => (tally.events += 1));
    },
  );
  asked.on('error', (error) => {
    lose('events', error.message);
  });
  asked.end();
}

for (let number = 0; number < Number(streams); number += 1) {
  holdSocket();
  holdEvents();
}
const all = Array.from({ length: Number(browsers) }, (_, number) => browse(number));
console.log('listens');
while (!existsSync(stop)) await pause(20);
isOver = true;
await Promise.all(all);
process.stdout.write(`${JSON.stringify(tally)}\n`, () => process.exit());
