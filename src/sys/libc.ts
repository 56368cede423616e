import { closeSync, openSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';

/*
 * The few functions of the C library that Node has no word for: netlink sockets, and the network namespace of a thread.
 * Node calls them itself (`node:ffi`, without native code of flatnet's own); everything else about such a socket is
 * `read` and `write`, which `node:fs` has.
 *
 * Why not `ip` and `nft`: a fork of Node takes 1 to 2 ms and the program behind it 3 to 8, and a call needs three of them
 * (bench/RESULTS.md). Loading this takes 1.3 ms. `node:ffi` is experimental; flatnet carries the one Node it was built and
 * tested with, and test/sys/libc.root.test.ts says what is expected of it.
 */

/** From the kernel's headers; the same on every architecture that Node's binaries are for. */
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SOL_NETLINK = 270;
const CLONE_NEWNET = 0x40000000;
/** ioctl_ns(2); kernels before 4.11 do not know it. */
const NS_GET_NSTYPE = 0xb703n;

const SIGNATURES = {
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  setsockopt: { arguments: ['i32', 'i32', 'i32', 'buffer', 'u32'], return: 'i32' },
  setns: { arguments: ['i32', 'i32'], return: 'i32' },
  ioctl: { arguments: ['i32', 'u64'], return: 'i32' },
  _exit: { arguments: ['i32'], return: 'void' },
  __errno_location: { arguments: [], return: 'pointer' },
} as const;

type Ffi = NonNullable<ReturnType<typeof process.getBuiltinModule<'node:ffi'>>>;

/** Node warns on stderr that the module is experimental, which the runtime would take for flatnet's words. */
function loadFfi(): Ffi {
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
  const { functions } = ffi.dlopen(null, SIGNATURES);
  const errno = () => ffi.getInt32(functions.__errno_location());
  return { ...functions, errno };
}

let opened: ReturnType<typeof open> | undefined;

function libc(): ReturnType<typeof open> {
  return (opened ??= open());
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

/**
 * Opens a netlink socket in the namespace of the calling thread (netlink(7)). It does not block: the kernel has answered
 * before `write` returns.
 *
 * @param protocol number of the netlink family: 0 for links, addresses and routes, 12 for netfilter.
 * @throws SystemCallError
 */
export function openNetlinkSocket(protocol: number): number {
  return checked('socket', libc().socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
}

/** Switches an option of a netlink socket on; kernels that do not know it do without. */
export function enableNetlinkOption(fd: number, option: number): void {
  const on = Buffer.from([1, 0, 0, 0]);
  libc().setsockopt(fd, SOL_NETLINK, option, on, on.length);
}

/**
 * Lets a socket take that many bytes in one datagram, beyond what the machine allows others; false where only the root
 * of a user namespace asks, who may not.
 */
export function growSendBuffer(fd: number, bytes: number): boolean {
  const value = Buffer.alloc(4);
  value.writeInt32LE(bytes);
  return libc().setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, value, value.length) === 0;
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
