import { closeSync } from 'node:fs';
import {
  bindSocket,
  FAMILY,
  hasLibc,
  LEVEL,
  listenOn,
  openSocket,
  setSocketOption,
  SystemCallError,
  TYPE,
} from './libc.ts';
import { holdingsOf, type HostPort, isInTheWay } from './port-table.ts';
import { internetAddress } from './socket-address.ts';

/** SO_REUSEADDR: connections of a server that has ended do not keep the next one from listening. */
const REUSE_ADDRESS = [LEVEL.socket, 2] as const;
/** IPV6_V6ONLY */
const IPV6_ONLY = [LEVEL.ipv6, 26] as const;

/** Listens on a port for a moment; on `::` without an address, which is all addresses of both families. */
function tryToListen(where: HostPort): void {
  const { protocol, port, address = '::' } = where;
  const isIPv6 = address.includes(':');
  const type = protocol === 'tcp' ? TYPE.stream : TYPE.datagram;
  const fd = openSocket({ family: isIPv6 ? FAMILY.inet6 : FAMILY.inet, type });
  try {
    if (type === TYPE.stream) setSocketOption(fd, REUSE_ADDRESS, 1);
    if (isIPv6) setSocketOption(fd, IPV6_ONLY, where.address === undefined ? 0 : 1);
    bindSocket(fd, internetAddress(address, port));
    if (type === TYPE.stream) listenOn(fd);
  } finally {
    closeSync(fd);
  }
}

/** Name of the error that listening on a port fails with; `undefined` when it succeeds. */
function obstacleTo(where: HostPort): string | undefined {
  try {
    tryToListen(where);
    return undefined;
  } catch (error) {
    if (error instanceof SystemCallError) return error.code;
    throw error;
  }
}

function isHeld(where: HostPort): boolean {
  const obstacle = obstacleTo(where);
  const isWithoutIPv6 = obstacle === 'EAFNOSUPPORT' && where.address === undefined;
  return (isWithoutIPv6 ? obstacleTo({ ...where, address: '0.0.0.0' }) : obstacle) === 'EADDRINUSE';
}

/** The same by the tables of /proc/net. */
export function isHeldByTable(where: HostPort): boolean {
  const { address } = where;
  return holdingsOf(where).some((holding) => address === undefined || isInTheWay(holding, address));
}

/**
 * True when a process of the host listens on the port. Binding it for a moment takes 0.1 ms; reading /proc/net/tcp takes
 * the kernel 4 ms and more. False for an address that the host does not have, and for SCTP, which is not probed.
 */
export function isListening(where: HostPort): boolean {
  if (where.protocol === 'sctp') return false;
  return hasLibc() ? isHeld(where) : isHeldByTable(where);
}
