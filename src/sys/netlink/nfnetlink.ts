import { writeSync } from 'node:fs';
import { monotonicMs } from '../clock.ts';
import { ADD, header, type Part, partsOf, REMOVE, type SetChange, SUBSYSTEM } from './element-messages.ts';
import { errnoOf, explanationOf, isEnd } from './answer.ts';
import { FLAG, type Netlink, receive, traceRequest, writeInBackground } from './netlink.ts';
import { NetlinkError } from './error.ts';
import { attribute, be32, frame, HEADER_LENGTH } from './message.ts';

/*
 * Changes elements of nftables sets without a process of nft. Elements only: nft makes tables, chains and rules, once
 * per network.
 */

const BATCH = { begin: 16, end: 17 } as const;
/** Attribute of the message that begins a transaction (NFNL_BATCH_GENID). */
const GENERATION = 1;

/** Bytes of the messages that begin and end a transaction. */
const EDGES_LENGTH = 2 * (HEADER_LENGTH + 4) + 8;

/** As few transactions as the socket takes: one, except for root in a user namespace. */
function transactionsOf({ longest }: Netlink, parts: readonly Part[]): readonly (readonly Part[])[] {
  const found: Part[][] = [];
  let room = 0;
  for (const part of parts) {
    const size = part.body.length + HEADER_LENGTH;
    if (found.length === 0 || size > room) {
      found.push([]);
      room = longest - EDGES_LENGTH;
    }
    found.at(-1)?.push(part);
    room -= size;
  }
  return found;
}

/** Frames of one transaction: all parts take effect, or none. */
function batch(netlink: Netlink, parts: readonly Part[], generation: number | undefined) {
  const next = () => (netlink.sequence += 1);
  const edge = (edgeType: number, attributes: readonly Buffer[] = []) =>
    frame(
      { type: edgeType, flags: FLAG.request, sequence: next() },
      Buffer.concat([header(0, SUBSYSTEM), ...attributes]),
    );
  const begin = edge(
    BATCH.begin,
    attribute(GENERATION, generation === undefined ? undefined : be32(generation)),
  );
  const lines = new Map<number, string>();
  const messages = parts.map(({ type, flags, body, line }, index) => {
    const sequence = next();
    lines.set(sequence, line);
    // Refusals come without being requested. Request one acknowledgement: hundreds would not fit into the socket.
    const ack = index === parts.length - 1 ? FLAG.ack : 0;
    return frame({ type, flags: flags | FLAG.request | ack, sequence }, body);
  });
  return { frames: Buffer.concat([begin, ...messages, edge(BATCH.end)]), lines };
}

/** The first refusal of a batch, if any. */
function refusalIn(netlink: Netlink, lines: ReadonlyMap<number, string>): NetlinkError | undefined {
  const last = [...lines.keys()].at(-1);
  let refusal: NetlinkError | undefined;
  for (;;) {
    for (const message of receive(netlink)) {
      if (!isEnd(message)) continue;
      const errno = errnoOf(message);
      const about = lines.get(message.sequence);
      if (errno !== 0) refusal ??= new NetlinkError(about ?? 'commit', errno, explanationOf(message));
      // The answer to the batch as a whole suffices.
      if (about === undefined || message.sequence === last) return refusal;
    }
  }
}

/** `conclude` reads the kernel's answer; call it after writing `frames`. */
function transaction(netlink: Netlink, parts: readonly Part[], generation: number | undefined) {
  const start = monotonicMs();
  const { frames, lines } = batch(netlink, parts, generation);
  const conclude = () => {
    const refusal = refusalIn(netlink, lines);
    traceRequest(netlink, { line: [...new Set(lines.values())].join('; '), start }, refusal?.message);
    if (refusal !== undefined) throw refusal;
  };
  return { frames, conclude };
}

/** Applied in one transaction; an element may be in both, with another value or comment. */
export interface Changes {
  readonly remove?: readonly SetChange[];
  readonly add?: readonly SetChange[];
  /** The ruleset (`readGeneration`) that the changes were planned for. */
  readonly generation?: number;
}

function partsIn({ remove = [], add = [] }: Changes): readonly Part[] {
  return [...partsOf(REMOVE, remove), ...partsOf(ADD, add)];
}

/**
 * Adding an existing element is no error if its value is the same; a different value is (EEXIST), and so is the removal
 * of an absent element (ENOENT).
 * @throws NetlinkError; ERESTART if another process has changed the ruleset since `generation`.
 */
export function changeSets(netlink: Netlink, changes: Changes): void {
  let { generation } = changes;
  for (const some of transactionsOf(netlink, partsIn(changes))) {
    const { frames, conclude } = transaction(netlink, some, generation);
    writeSync(netlink.fd, frames);
    conclude();
    // If the socket needs several transactions, the first has changed the generation.
    generation = undefined;
  }
}

/**
 * As `changeSets`, in a thread of Node's pool: removals take the kernel up to 15 ms, and other work can go on.
 * @throws NetlinkError as `changeSets`.
 */
export async function changeSetsInBackground(netlink: Netlink, changes: Changes): Promise<void> {
  let { generation } = changes;
  for (const some of transactionsOf(netlink, partsIn(changes))) {
    const { frames, conclude } = transaction(netlink, some, generation);
    await writeInBackground(netlink, frames);
    conclude();
    generation = undefined;
  }
}
