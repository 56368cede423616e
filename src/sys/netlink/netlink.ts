import { closeSync, readSync, writeSync, writev } from 'node:fs';
import { type CommandTrace, type Context, hundredths } from '../context.ts';
import { monotonicMs } from '../clock.ts';
import { enableNetlinkOption, growSendBuffer, inNetns, openNetlinkSocket } from '../libc.ts';
import { explanationOf, isEnd, numberOfEnd } from './answer.ts';
import { NetlinkError } from './error.ts';
import { frame, HEADER_LENGTH, type Message, parseMessages } from './message.ts';

export const PROTOCOL = { route: 0, netfilter: 12 } as const;

export const FLAG = {
  request: 0x1,
  ack: 0x4,
  dump: 0x300,
  excl: 0x200,
  create: 0x400,
  append: 0x800,
} as const;

/** `shortAnswers`: a refusal does not repeat the request; refusals of a large batch would not fit into the socket. */
const OPTION = { shortAnswers: 10, extendedAnswers: 11, strictFilters: 12 } as const;
/** A batch is one datagram. 16 MiB have room for every port of a protocol, over both families. */
const LONGEST_BATCH = 1 << 24;
/** Largest datagram of an unchanged socket; `net.core.wmem_default` is 208 KiB everywhere. */
const SHORTER_BATCH = 1 << 17;
/** Exceeds every datagram of the kernel (NLMSG_GOODSIZE, 32 KiB for dumps). */
const BUFFER_LENGTH = 65_536;

/** A netlink socket stays in its network namespace when the caller enters another. */
export interface Netlink extends Disposable {
  readonly fd: number;
  /** Limit of one datagram, in bytes. */
  readonly longest: number;
  sequence: number;
  readonly trace: CommandTrace | undefined;
}

export interface NetlinkRequest {
  /** The equivalent line of `ip` or `nft`, without the program's name: `link set dev eth0 up`. */
  readonly line: string;
  /** Descriptor that the line refers to as /proc/self/fd/3: a program gets it as its descriptor 3. */
  readonly handedOver?: number;
  readonly type: number;
  /** In addition to those of every request. */
  readonly flags: number;
  readonly body: Uint8Array;
}

/** Opens a socket in the namespace behind `netnsFd` or in our own. `using` closes it. @throws SystemCallError */
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

/** The next messages in the socket. Does not wait: the kernel answers before `write` returns. */
export function receive({ fd }: Netlink): readonly Message[] {
  const length = readSync(fd, buffer);
  return parseMessages(Buffer.from(buffer.subarray(0, length)));
}

/** All answers to the last request; `end` tells whether it succeeded. */
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

/** `start` is a reading of `monotonicMs()`. */
export interface SentRequest {
  readonly line: string;
  readonly start: number;
}

/** Records duration and refusal in the call's trace. */
export function traceRequest({ trace }: Netlink, { line, start }: SentRequest, refusal?: string): void {
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

/** The messages, unless the kernel refused. */
function accept(netlink: Netlink, { messages, end }: Answer, sent: SentRequest): readonly Message[] {
  const errno = numberOfEnd(end);
  const error = errno === 0 ? undefined : new NetlinkError(sent.line, errno, explanationOf(end));
  traceRequest(netlink, sent, error?.message);
  if (error !== undefined) throw error;
  return messages;
}

function send(netlink: Netlink, what: NetlinkRequest): { answer: Answer; sent: SentRequest } {
  const sent = { line: what.line, start: monotonicMs() };
  writeSync(netlink.fd, frameOf(netlink, what));
  return { answer: answerOf(netlink), sent };
}

/**
 * Sends a request and returns the answers: none for a change, one for a query, any number for a dump.
 * @throws NetlinkError if the kernel refuses.
 */
export function request(netlink: Netlink, what: NetlinkRequest): readonly Message[] {
  const { answer, sent } = send(netlink, what);
  return accept(netlink, answer, sent);
}

/**
 * As `request`, for a query that the kernel may refuse. An attach meets a dozen of these, and an Error with its stack
 * and errno name takes 50 µs or more.
 * @param isAbsent whether an errno means that the object does not exist.
 * @returns `undefined` for those.
 * @throws NetlinkError for any other refusal.
 */
export function requestIfThere(
  netlink: Netlink,
  what: NetlinkRequest,
  isAbsent: (errno: number) => boolean,
): readonly Message[] | undefined {
  const { answer, sent } = send(netlink, what);
  const errno = numberOfEnd(answer.end);
  if (errno === 0 || !isAbsent(errno)) return accept(netlink, answer, sent);
  traceRequest(netlink, sent, 'there is none');
  return undefined;
}

/**
 * Writes in a thread of Node's pool, because the kernel may do its work before `write` returns. Two parts, still one
 * datagram: nothing else in a call is a `writev`, so that test/faults can make just this one fail.
 */
export function writeInBackground({ fd }: Netlink, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    writev(fd, [bytes.subarray(0, HEADER_LENGTH), bytes.subarray(HEADER_LENGTH)], (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** As `request`, for a request that takes the kernel 15 ms or more: other work can go on. */
export async function requestInBackground(
  netlink: Netlink,
  what: NetlinkRequest,
): Promise<readonly Message[]> {
  const sent = { line: what.line, start: monotonicMs() };
  await writeInBackground(netlink, frameOf(netlink, what));
  return accept(netlink, answerOf(netlink), sent);
}
