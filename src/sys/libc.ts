import { closeSync, openSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';

/*
 * The few C library functions that Node does not offer: sockets of netlink, of syslog, of DNS and to probe a port, and
 * the network namespace of a thread. They are called through `node:ffi`, without native code in flatnet; everything else
 * about such a socket is `read` and `write`, which `node:fs` has.
 *
 * Why not `ip`, `nft` and `logger`: a fork of Node takes 1 to 2 ms and the program itself 3 to 8, and a call needs
 * several of them (bench/RESULTS.md). Loading this takes 1.3 ms. `node:ffi` is experimental; flatnet ships the Node it
 * was built and tested with, and test/sys/libc.root.test.ts states what flatnet expects of it.
 */

/** From the kernel's headers; the same on every architecture with Node binaries. */
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SO_SNDBUFFORCE = 32;
const CLONE_NEWNET = 0x40000000;

export const FAMILY = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;
export const TYPE = { stream: 1, datagram: 2, raw: 3 } as const;
export const LEVEL = { socket: 1, ipv6: 41, netlink: 270 } as const;

/** ioctl_ns(2); unknown to kernels before 4.11. */
const NS_GET_NSTYPE = 0xb703n;

const SIGNATURES = {
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  bind: { arguments: ['i32', 'buffer', 'u32'], return: 'i32' },
  connect: { arguments: ['i32', 'buffer', 'u32'], return: 'i32' },
  listen: { arguments: ['i32', 'i32'], return: 'i32' },
  setsockopt: { arguments: ['i32', 'i32', 'i32', 'buffer', 'u32'], return: 'i32' },
  poll: { arguments: ['buffer', 'u64', 'i32'], return: 'i32' },
  setns: { arguments: ['i32', 'i32'], return: 'i32' },
  ioctl: { arguments: ['i32', 'u64'], return: 'i32' },
  _exit: { arguments: ['i32'], return: 'void' },
  __errno_location: { arguments: [], return: 'pointer' },
} as const;

type Ffi = ReturnType<typeof process.getBuiltinModule<'node:ffi'>>;

/** Suppresses Node's warning that the module is experimental: a runtime would show it as flatnet's own message. */
function loadFfi(): Ffi | undefined {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:ffi');
  } finally {
    process.emitWarning = emitWarning;
  }
}

function open() {
  const ffi = loadFfi();
  if (ffi === undefined) throw new Error('This Node has no node:ffi');
  const { functions } = ffi.dlopen(null, SIGNATURES);
  const errno = () => ffi.getInt32(functions.__errno_location());
  return { ...functions, errno };
}

let opened: ReturnType<typeof open> | undefined;

function libc(): ReturnType<typeof open> {
  return (opened ??= open());
}

/** False if this Node lacks `node:ffi`, or cannot find the functions. */
export function hasLibc(): boolean {
  try {
    return libc().socket instanceof Function;
  } catch {
    return false;
  }
}

/** `code` as in Node's own errors: `EPERM`. */
export class SystemCallError extends Error {
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = getSystemErrorName(-errno);
    super(`System call ${call} failed: ${code}`);
    this.name = 'SystemCallError';
    this.code = code;
  }
}

function checked(call: string, result: number): number {
  if (result >= 0) return result;
  throw new SystemCallError(call, libc().errno());
}

/** Arguments of socket(2). */
export interface SocketSpec {
  readonly family: number;
  readonly type: number;
  readonly protocol?: number;
}

/** Opens a socket in the calling thread's namespace, non-blocking and closed on exec. @throws SystemCallError */
export function openSocket({ family, type, protocol = 0 }: SocketSpec): number {
  return checked('socket', libc().socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
}

/** @throws SystemCallError */
export function bindSocket(fd: number, address: Buffer): void {
  checked('bind', libc().bind(fd, address, address.length));
}

/** @throws SystemCallError */
export function connectSocket(fd: number, address: Buffer): void {
  checked('connect', libc().connect(fd, address, address.length));
}

/** @throws SystemCallError */
export function listenOn(fd: number): void {
  checked('listen', libc().listen(fd, 1));
}

/**
 * Opens a netlink socket (netlink(7)) in the calling thread's namespace, non-blocking: the kernel has answered before
 * `write` returns.
 * @param protocol number of the netlink family: 0 for links, addresses and routes, 12 for netfilter.
 * @throws SystemCallError
 */
export function openNetlinkSocket(protocol: number): number {
  return openSocket({ family: FAMILY.netlink, type: TYPE.raw, protocol });
}

const POLLIN = 1;

/**
 * Waits, with the whole thread, until something can be read from a descriptor or its socket has an error to tell.
 * @returns false after the time, in milliseconds, or when a signal arrives.
 */
export function waitToRead(fd: number, timeoutMs: number): boolean {
  const asked = Buffer.alloc(8);
  asked.writeInt32LE(fd);
  asked.writeInt16LE(POLLIN, 4);
  return libc().poll(asked, 1n, Math.ceil(timeoutMs)) > 0;
}

/** False if the kernel lacks the option or denies it. */
export function setSocketOption(
  fd: number,
  [level, option]: readonly [number, number],
  value: number,
): boolean {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return libc().setsockopt(fd, level, option, bytes, bytes.length) === 0;
}

/** A kernel that lacks the option ignores it. */
export function enableNetlinkOption(fd: number, option: number): void {
  setSocketOption(fd, [LEVEL.netlink, option], 1);
}

/** Raises the datagram limit above `net.core.wmem_max`; false for root in a user namespace, which may not. */
export function growSendBuffer(fd: number, bytes: number): boolean {
  return setSocketOption(fd, [LEVEL.socket, SO_SNDBUFFORCE], bytes);
}

/** False for the descriptor of a namespace that the kernel reports as another kind. */
export function mayBeNetns(fd: number): boolean {
  const kind = libc().ioctl(fd, NS_GET_NSTYPE);
  return kind < 0 || kind === CLONE_NEWNET;
}

/**
 * Calls `body` in another network namespace. Only this thread enters it; Node's other threads stay. If switching back
 * fails, the process exits: anything further, undo included, would act on the sandbox. DEL and GC clean up, as after a
 * kill.
 * @param fd of the namespace.
 * @param body must be synchronous.
 * @throws SystemCallError if the namespace cannot be entered; the errors of `body`.
 */
export function inNetns<T>(fd: number, body: () => T): T {
  const own = openSync('/proc/thread-self/ns/net', 'r');
  try {
    checked('setns', libc().setns(fd, CLONE_NEWNET));
    try {
      return body();
    } finally {
      if (libc().setns(own, CLONE_NEWNET) !== 0) endProcess(1);
    }
  } finally {
    closeSync(own);
  }
}

/**
 * Exits at once, after answer and log are written: Node would spend 3 ms on taking down its heap and waiting for its
 * threads. Does nothing unless the C library was used before.
 */
export function endProcess(exitCode: number): void {
  opened?._exit(exitCode);
}
