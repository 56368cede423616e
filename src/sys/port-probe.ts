import { getSystemErrorName } from 'node:util';
import { nodeHandles, type SocketHandle } from './process/node-handles.ts';

/** A port of the host: on one address, or on all. */
export interface HostPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  readonly address?: string | undefined;
}

/** What a system call left: '' or the name of its error. */
type Outcome = string;

const outcomeOf = (errno: number): Outcome => (errno === 0 ? '' : getSystemErrorName(errno));

/** All addresses of both families, or where the host has no IPv6, of IPv4. */
function bindAll(socket: SocketHandle, port: number): Outcome {
  const outcome = outcomeOf(socket.bind6('::', port, 0));
  return outcome === 'EAFNOSUPPORT' ? outcomeOf(socket.bind('0.0.0.0', port, 0)) : outcome;
}

function bind(socket: SocketHandle, { port, address }: HostPort, onlyIPv6: number): Outcome {
  if (address === undefined) return bindAll(socket, port);
  return outcomeOf(
    address.includes(':') ? socket.bind6(address, port, onlyIPv6) : socket.bind(address, port, 0),
  );
}

/** libuv keeps it to itself that an address is in use until one listens. */
function tryTcp(where: HostPort): Outcome {
  const { TCP, constants } = nodeHandles('tcp_wrap');
  const socket = new TCP(constants.SERVER);
  const outcome = bind(socket, where, constants.UV_TCP_IPV6ONLY) || outcomeOf(socket.listen(1));
  socket.close();
  return outcome;
}

function tryUdp(where: HostPort): Outcome {
  const { UDP, constants } = nodeHandles('udp_wrap');
  const socket = new UDP();
  const outcome = bind(socket, where, constants.UV_UDP_IPV6ONLY);
  socket.close();
  return outcome;
}

/**
 * True when a process of the host listens on the port: binding it for a moment tells in 0.1 ms, where reading
 * /proc/net/tcp takes the kernel 4 ms and more. An address that the host does not have is nobody's. SCTP has no
 * such probe in Node.
 */
export function isListening(where: HostPort): boolean {
  if (where.protocol === 'sctp') return false;
  return (where.protocol === 'tcp' ? tryTcp(where) : tryUdp(where)) === 'EADDRINUSE';
}
