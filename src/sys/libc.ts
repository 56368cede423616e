import { closeSync, openSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';

/*
 * The few functions of the C library that Node does not offer: sockets of netlink, of syslog and for the probe of a port,
 * and the network namespace of a thread. Node calls them itself (`node:ffi`, without native code of flatnet's own);
 * everything else about such a socket is `read` and `write`, which `node:fs` has.
 *
 * Why not `ip`, `nft` and `logger`: a fork of Node takes 1 to 2 ms and the program behind it 3 to 8, and a call needs
 * several of them (bench/RESULTS.md). Loading this takes 1.3 ms. `node:ffi` is experimental; flatnet carries the one Node
 * it was built and tested with, and test/sys/libc.root.test.ts says what is expected of it.
 */

/** From the kernel's headers; the same on every architecture that Node's binaries are for. */
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SO_SNDBUFFORCE = 32;
const CLONE_NEWNET = 0x40000000;

/** Families of sockets. */
export const FAMILY = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;
/** Types of sockets. */
export const TYPE = { stream: 1, datagram: 2, raw: 3 } as const;
/** Levels that options of sockets belong to. */
export const LEVEL = { socket: 1, ipv6: 41, netlink: 270 } as const;

/** ioctl_ns(2); kernels before 4.11 do not know it. */
const NS_GET_NSTYPE = 0xb703n;

const SIGNATURES = {
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  bind: { arguments: ['i32', 'buffer', 'u32'], return: 'i32' },
  connect: { arguments: ['i32', 'buffer', 'u32'], return: 'i32' },
  listen: { arguments: ['i32', 'i32'], return: 'i32' },
  setsockopt: { arguments: ['i32', 'i32', 'i32', 'buffer', 'u32'], return: 'i32' },
  setns: { arguments: ['i32', 'i32'], return: 'i32' },
  ioctl: { arguments: ['i32', 'u64'], return: 'i32' },
  _exit: { arguments: ['i32'], return: 'void' },
  __errno_location: { arguments: [], return: 'pointer' },
} as const;

type Ffi = ReturnType<typeof process.getBuiltinModule<'node:ffi'>>;

/** Node warns on stderr that the module is experimental, which the runtime would take for flatnet's words. */
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

/** False on a Node without `node:ffi`, where programs and /proc have to do. */
export function hasLibc(): boolean {
  return opened !== undefined || loadFfi() !== undefined;
}

/** A system call that failed; `code` as in Node's own errors: `EPERM`. */
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

/** What socket(2) is told. */
export interface SocketSpec {
  readonly family: number;
  readonly type: number;
  readonly protocol?: number;
}

/**
 * Opens a socket in the namespace of the calling thread. It does not block, and programs do not inherit it.
 *
 * @throws SystemCallError
 */
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
 * Opens a netlink socket in the namespace of the calling thread (netlink(7)). It does not block: the kernel has answered
 * before `write` returns.
 *
 * @param protocol number of the netlink family: 0 for links, addresses and routes, 12 for netfilter.
 * @throws SystemCallError
 */
export function openNetlinkSocket(protocol: number): number {
  return openSocket({ family: FAMILY.netlink, type: TYPE.raw, protocol });
}

/** Sets an option of a socket to a number; false where the kernel does not know it or the caller may not. */
export function setSocketOption(
  fd: number,
  [level, option]: readonly [number, number],
  value: number,
): boolean {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return libc().setsockopt(fd, level, option, bytes, bytes.length) === 0;
}

/** Switches an option of a netlink socket on; kernels that do not know it do without. */
export function enableNetlinkOption(fd: number, option: number): void {
  setSocketOption(fd, [LEVEL.netlink, option], 1);
}

/**
 * Lets a socket take that many bytes in one datagram, beyond what the machine allows others; false where only the root
 * of a user namespace asks, who may not.
 */
export function growSendBuffer(fd: number, bytes: number): boolean {
  return setSocketOption(fd, [LEVEL.socket, SO_SNDBUFFORCE], bytes);
}

/** Whether a descriptor, of a namespace, may be that of a network: false for one that the kernel says is of another kind. */
export function mayBeNetns(fd: number): boolean {
  const kind = libc().ioctl(fd, NS_GET_NSTYPE);
  return kind < 0 || kind === CLONE_NEWNET;
}

/**
 * Does something in another network namespace. The namespace is that of the thread: nothing else runs on it meanwhile,
 * and Node's other threads stay where they are. Whoever cannot come back ends at once: everything it did from then on, its
 * undo as well, it would do to the sandbox. What it has made is then left to DEL and GC, as after a kill.
 *
 * @param fd of the namespace.
 * @param body must be done when it returns.
 * @throws SystemCallError when the namespace cannot be entered, and what `body` throws.
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
 * Ends the process at once: answer and log are written, and what Node does at its end, taking its heap down and waiting
 * for its threads, takes 3 ms. Does nothing where no function of the C library was needed before.
 */
export function endProcess(exitCode: number): void {
  opened?._exit(exitCode);
}
