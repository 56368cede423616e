import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/*
 * What a container has: an HTTP server that says its name, and what it was asked. `/events` is a stream of events, an upgrade
 * is a websocket that sends back what it gets, `/status/503` answers with that status.
 *   node container.ts NAME ADDRESS PORT
 */

const [, , name = '', address = '', port = ''] = process.argv;

const server = createServer((request, response) => {
  if (request.url === '/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const timer = setInterval(() => response.write(`data: ${name}\n\n`), 100);
    response.on('close', () => {
      clearInterval(timer);
    });
    return;
  }
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const { method, url, headers } = request;
    const answer = { name, method, url, headers, bytes: Buffer.concat(parts).length };
    const status = Number(/^\/status\/(\d{3})$/.exec(url ?? '')?.[1] ?? 200);
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
});

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
server.on('upgrade', (request, socket) => {
  const key = request.headers['sec-websocket-key'] ?? '';
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
  socket.on('data', (bytes) => socket.write(bytes));
  socket.on('error', () => {
    socket.destroy();
  });
});
server.keepAliveTimeout = 60_000;
server.listen({ host: address, port: Number(port) }, () => {
  console.log('listens');
});

let askedAt = 0;
server.on('request', () => {
  askedAt = Date.now();
});

function end(): void {
  server.close(() => {
    process.exit();
  });
  server.closeIdleConnections();
}

// As a well-behaved application ends, once nobody asks it any more; SIGINT is without that patience.
const IDLE_MS = 300;
process.on('SIGINT', end);
process.on('SIGTERM', () => {
  const timer = setInterval(() => {
    if (Date.now() - askedAt < IDLE_MS) return;
    clearInterval(timer);
    end();
  }, 10);
});
