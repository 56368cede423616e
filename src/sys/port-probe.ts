import { familyOf } from '../input/address.ts';
import { closeSync } from 'node:fs';
import type { Context } from './context.ts';
import {
  bindSocket,
  FAMILY,
  LEVEL,
  listenOn,
  openSocket,
  setSocketOption,
  SystemCallError,
  TYPE,
} from './libc.ts';
import { holdingsOf, type HostPort, isInTheWay, readingOnce } from './port-table.ts';
import { internetAddress } from './socket-address.ts';

/** SO_REUSEADDR: connections of a server that has ended do not keep the next one from listening. */
const REUSE_ADDRESS = [LEVEL.socket, 2] as const;
/** IPV6_V6ONLY */
const IPV6_ONLY = [LEVEL.ipv6, 26] as const;

/** Listens for a moment; without an address on `::`, which covers all addresses of both families. */
function tryToListen(where: HostPort): void {
  const { protocol, port, address = '::' } = where;
  const isIPv6 = familyOf(address) === 6;
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

/** Code of the error from listening; `undefined` if it succeeds. */
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

/** Whether a process of the host listens on a port; false for an address that the host lacks, and for SCTP. */
export type PortProbe = (where: HostPort) => boolean;

/** Reads the tables of /proc/net once, on first use. */
export function probeByTables(): PortProbe {
  const read = readingOnce();
  return ({ address, ...where }) =>
    where.protocol !== 'sctp' &&
    holdingsOf(where, read).some((holding) => address === undefined || isInTheWay(holding, address));
}

/** Binds the port for a moment, which takes 0.1 ms. */
export function probeByBinding(where: HostPort): boolean {
  return where.protocol !== 'sctp' && isHeld(where);
}

/** SCTP is not probed. */
export function portProbe({ plain }: Pick<Context, 'plain'>): PortProbe {
  return plain === undefined ? probeByBinding : probeByTables();
}
