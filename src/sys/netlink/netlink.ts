import { closeSync, readSync, writeSync, writev } from 'node:fs';
import { type CommandTrace, type Context, hundredths } from '../context.ts';
import { monotonicMs } from '../clock.ts';
import { enableNetlinkOption, growSendBuffer, inNetns, openNetlinkSocket } from '../libc.ts';
import { NetlinkError } from './error.ts';
import {
  align,
  frame,
  HEADER_LENGTH,
  type Message,
  parseAttributes,
  parseMessages,
  read32,
  textOf,
} from './message.ts';

/** Netlink families. */
export const PROTOCOL = { route: 0, netfilter: 12 } as const;

/** Flags of a request's header. */
export const FLAG = {
  request: 0x1,
  ack: 0x4,
  dump: 0x300,
  excl: 0x200,
  create: 0x400,
  append: 0x800,
} as const;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** Of an answer: the request is not repeated in it; it has attributes. */
const CAPPED = 0x100;
const HAS_ATTRIBUTES = 0x200;
const ATTR_MESSAGE = 1;

/** `shortAnswers`: a refusal does not repeat the request; those of a large batch would not fit into the socket. */
const OPTION = { shortAnswers: 10, extendedAnswers: 11, strictFilters: 12 } as const;
/** A batch is one datagram. 16 MiB have room for every port of a protocol, over both families. */
const LONGEST_BATCH = 1 << 24;
/** Largest datagram of an unchanged socket; `net.core.wmem_default` is 208 KiB everywhere. */
const SHORTER_BATCH = 1 << 17;
/** Longer than every datagram of the kernel (NLMSG_GOODSIZE, 32 KiB for dumps). */
const BUFFER_LENGTH = 65_536;

/** A netlink socket; a network namespace's own, and it stays that when the caller's changes. */
export interface Netlink extends Disposable {
  readonly fd: number;
  /** Bytes that one datagram may have. */
  readonly longest: number;
  /** Number of the last request. */
  sequence: number;
  /** Where its requests are noted. */
  readonly trace: CommandTrace | undefined;
}

/** One request to the kernel. */
export interface NetlinkRequest {
  /** The equivalent line of `ip` or `nft`, without the program's name: `link set dev eth0 up`. */
  readonly line: string;
  /** Descriptor that the line knows as /proc/self/fd/3, as the third of a program. */
  readonly handedOver?: number;
  readonly type: number;
  /** Beyond those that every request has. */
  readonly flags: number;
  readonly body: Uint8Array;
}

/**
 * Opens a socket for a family, in the namespace behind `netnsFd` or in our own. `using` closes it.
 *
 * @throws SystemCallError
 */
export function openNetlink(protocol: number, { trace }: Pick<Context, 'trace'>, netnsFd?: number): Netlink {
  const open = () => openNetlinkSocket(protocol);
  const fd = netnsFd === undefined ? open() : inNetns(netnsFd, open);
  enableNetlinkOption(fd, OPTION.shortAnswers);
  enableNetlinkOption(fd, OPTION.extendedAnswers);
  enableNetlinkOption(fd, OPTION.strictFilters);
  const isLarge = protocol === PROTOCOL.netfilter && growSendBuffer(fd, LONGEST_BATCH);
  return {
    fd,
    longest: isLarge ? LONGEST_BATCH : SHORTER_BATCH,
    sequence: 0,
    trace,
    [Symbol.dispose]: () => {
      closeSync(fd);
    },
  };
}

const buffer = Buffer.allocUnsafe(BUFFER_LENGTH);

/** The next messages that wait in the socket; there are some, for the kernel answers before `write` returns. */
export function receive({ fd }: Netlink): readonly Message[] {
  const length = readSync(fd, buffer);
  return parseMessages(Buffer.from(buffer.subarray(0, length)));
}

/** 0 for a request that was carried out. */
export function errnoOf({ body }: Message): number {
  return -(read32(body, 0) | 0);
}

/** As `errnoOf`; the end of a dump may have no number. */
function numberOfEnd(end: Message): number {
  return end.body.length < 4 ? 0 : errnoOf(end);
}

/** What the kernel adds to an error, where it has words for it. */
export function explanationOf({ flags, body }: Message): string | undefined {
  if ((flags & HAS_ATTRIBUTES) === 0) return undefined;
  const echoed = (flags & CAPPED) === 0 ? align(read32(body, 4)) : HEADER_LENGTH;
  return textOf(parseAttributes(body, 4 + echoed).get(ATTR_MESSAGE));
}

/** True for the message that ends the answers to a request. */
export function isEnd({ type }: Message): boolean {
  return type === NLMSG_ERROR || type === NLMSG_DONE;
}

/** All that the kernel answered to the last request; its last message tells whether it was carried out. */
interface Answer {
  readonly messages: readonly Message[];
  readonly end: Message;
}

function answerOf(netlink: Netlink): Answer {
  const answers: Message[] = [];
  for (;;) {
    for (const message of receive(netlink)) {
      if (message.sequence !== netlink.sequence) continue;
      if (!isEnd(message)) {
        answers.push(message);
        continue;
      }
      return { messages: answers, end: message };
    }
  }
}

/** A request, in words, and the reading of `monotonicMs()` at which it was made. */
export interface Asked {
  readonly line: string;
  readonly start: number;
}

/** Notes a request in the call's trace, with its duration and the kernel's refusal. */
export function traceRequest({ trace }: Netlink, { line, start }: Asked, refusal?: string): void {
  trace?.commands.push({
    command: `netlink: ${line}`,
    ms: hundredths(monotonicMs() - start),
    ...(refusal === undefined ? {} : { refusal }),
  });
}

function frameOf(netlink: Netlink, { type, flags, body }: NetlinkRequest): Buffer {
  netlink.sequence += 1;
  return frame({ type, flags: flags | FLAG.request | FLAG.ack, sequence: netlink.sequence }, body);
}

function finish(netlink: Netlink, { messages, end }: Answer, asked: Asked): readonly Message[] {
  const errno = numberOfEnd(end);
  const error = errno === 0 ? undefined : new NetlinkError(asked.line, errno, explanationOf(end));
  traceRequest(netlink, asked, error?.message);
  if (error !== undefined) throw error;
  return messages;
}

/**
 * Asks the kernel and returns its answers: none to what changes something, one to a question, any number to a dump.
 *
 * @throws NetlinkError when it refuses.
 */
export function request(netlink: Netlink, what: NetlinkRequest): readonly Message[] {
  const start = monotonicMs();
  writeSync(netlink.fd, frameOf(netlink, what));
  return finish(netlink, answerOf(netlink), { line: what.line, start });
}

/**
 * As `request`, for a question that the kernel may answer with a refusal. An attach meets a dozen of them, and an Error
 * with its stack and the name of its number takes 50 µs and more.
 *
 * @param isAbsent whether an error number means that there is no such thing.
 * @returns `undefined` for those.
 * @throws NetlinkError for any other refusal.
 */
export function requestIfThere(
  netlink: Netlink,
  what: NetlinkRequest,
  isAbsent: (errno: number) => boolean,
): readonly Message[] | undefined {
  const start = monotonicMs();
  writeSync(netlink.fd, frameOf(netlink, what));
  const answer = answerOf(netlink);
  const errno = numberOfEnd(answer.end);
  if (errno === 0 || !isAbsent(errno)) return finish(netlink, answer, { line: what.line, start });
  traceRequest(netlink, { line: what.line, start }, 'there is none');
  return undefined;
}

/**
 * Writes in a thread of Node's pool: the kernel may take its time before `write` returns. In two parts, still one
 * datagram, because nothing else in a call is a `writev`: so test/faults can make just this one fail.
 */
export function writeInBackground({ fd }: Netlink, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    writev(fd, [bytes.subarray(0, HEADER_LENGTH), bytes.subarray(HEADER_LENGTH)], (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** As `ask`, for what takes the kernel 15 ms and more: other things can be done meanwhile. */
export async function requestInBackground(
  netlink: Netlink,
  what: NetlinkRequest,
): Promise<readonly Message[]> {
  const start = monotonicMs();
  await writeInBackground(netlink, frameOf(netlink, what));
  return finish(netlink, answerOf(netlink), { line: what.line, start });
}
