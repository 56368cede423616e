import { writeSync } from 'node:fs';
import { monotonicMs } from './clock.ts';
import {
  ADD,
  COMMENT,
  header,
  type Part,
  partOf,
  partsOf,
  placeOf,
  REMOVE,
  type SetChange,
  type SetPlace,
  SUBSYSTEM,
} from './element-messages.ts';
import {
  ask,
  errnoOf,
  explanationOf,
  FLAG,
  isEnd,
  type Netlink,
  note,
  receive,
  writeAside,
} from './netlink.ts';
import { NetlinkError } from './netlink-error.ts';
import { attribute, frame, HEADER_LENGTH, parseAttributes, text, textOf } from './netlink-message.ts';

/*
 * Elements of nftables sets without a process of nft. Only elements: whatever makes tables, chains and rules happens once
 * for each network, and nft does it.
 */

const BATCH = { begin: 16, end: 17 } as const;
const GET_RULE = 7;
const RULE = { table: 1, chain: 2, comment: 7 } as const;

/** Of the messages that begin and end a transaction. */
const EDGES_LENGTH = 2 * (HEADER_LENGTH + 4);

/** As few transactions as the socket takes; one, but for the root of a user namespace. */
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

/** Frames of one transaction: all of its parts take effect, or none. */
function batch(netlink: Netlink, parts: readonly Part[]) {
  const next = () => (netlink.sequence += 1);
  const edge = (edgeType: number) =>
    frame({ type: edgeType, flags: FLAG.request, sequence: next() }, header(0, SUBSYSTEM));
  const begin = edge(BATCH.begin);
  const says = new Map<number, string>();
  const messages = parts.map(({ type, flags, body, says: about }, index) => {
    const sequence = next();
    says.set(sequence, about);
    // A refusal comes unasked. What is asked for is one answer: those to hundreds would not fit into the socket.
    const ack = index === parts.length - 1 ? FLAG.ack : 0;
    return frame({ type, flags: flags | FLAG.request | ack, sequence }, body);
  });
  return { frames: Buffer.concat([begin, ...messages, edge(BATCH.end)]), says };
}

/** The first refusal of a batch, if any. */
function refusalIn(netlink: Netlink, says: ReadonlyMap<number, string>): NetlinkError | undefined {
  const last = [...says.keys()].at(-1);
  let refusal: NetlinkError | undefined;
  for (;;) {
    for (const message of receive(netlink)) {
      if (!isEnd(message)) continue;
      const errno = errnoOf(message);
      const about = says.get(message.sequence);
      if (errno !== 0) refusal ??= new NetlinkError(about ?? 'commit', errno, explanationOf(message));
      // What answers the batch as a whole is all that matters.
      if (about === undefined || message.sequence === last) return refusal;
    }
  }
}

/** What to write for a transaction, and how to hear what became of it once it is written. */
function transaction(netlink: Netlink, parts: readonly Part[]) {
  const start = monotonicMs();
  const { frames, says } = batch(netlink, parts);
  const conclude = () => {
    const refusal = refusalIn(netlink, says);
    note([...new Set(says.values())].join('; '), start, refusal);
    if (refusal !== undefined) throw refusal;
  };
  return { frames, conclude };
}

function carryOut(netlink: Netlink, parts: readonly Part[]): void {
  for (const some of transactionsOf(netlink, parts)) {
    const { frames, conclude } = transaction(netlink, some);
    writeSync(netlink.fd, frames);
    conclude();
  }
}

/**
 * Adds elements. One that is there with the same value is no error; with another value it is (EEXIST).
 *
 * @throws NetlinkError
 */
export function addToSets(netlink: Netlink, changes: readonly SetChange[]): void {
  carryOut(netlink, partsOf(ADD, changes));
}

/**
 * Empties sets and fills them: what was in them and is to be in them is not missing for a moment.
 *
 * @throws NetlinkError
 */
export function refillSets(netlink: Netlink, sets: readonly SetPlace[], changes: readonly SetChange[]): void {
  carryOut(netlink, [...sets.map((set) => partOf(REMOVE, set)), ...partsOf(ADD, changes)]);
}

/**
 * Removes elements; one that is not there is an error (ENOENT). The kernel takes up to 15 ms: other things can be done
 * meanwhile.
 *
 * @throws NetlinkError
 */
export async function removeFromSets(netlink: Netlink, changes: readonly SetChange[]): Promise<void> {
  for (const some of transactionsOf(netlink, partsOf(REMOVE, changes))) {
    const { frames, conclude } = transaction(netlink, some);
    await writeAside(netlink, frames);
    conclude();
  }
}

/** The comments of a chain's rules; none where there is no such chain. */
export function ruleComments(netlink: Netlink, table: string, chain: string): readonly string[] {
  const { family, name } = placeOf(table);
  const body = Buffer.concat([
    header(family),
    ...attribute(RULE.table, text(name)),
    ...attribute(RULE.chain, text(chain)),
  ]);
  const type = (SUBSYSTEM << 8) | GET_RULE;
  const rules = ask(netlink, { says: `list chain ${table} ${chain}`, type, flags: FLAG.dump, body });
  return rules.flatMap((rule) => {
    const userdata = parseAttributes(rule.body, 4).get(RULE.comment);
    if (userdata?.[0] !== COMMENT) return [];
    return textOf(userdata.subarray(2)) ?? [];
  });
}
