import { familyOf } from '../input/address.ts';
import { DNS_PORT } from '../input/dns-port.ts';
import { monotonicMs, pause } from '../sys/clock.ts';
import type { Context } from '../sys/context.ts';
import { type Destination, exchange } from '../sys/datagram.ts';
import { countAnswers, encodeQuestion } from './message.ts';
import type { NameRecord } from './record.ts';
import type { Zone } from './zone.ts';

/** For one datagram to a server on this host, in milliseconds. */
const ANSWER_MS = 250;
const PAUSE_MS = 2;

/** What a server is to answer: that a container has an address, or that its name is nobody's any more. */
export interface Expectation {
  /** With the domain. */
  readonly name: string;
  readonly family: 4 | 6;
  readonly isThere: boolean;
}

function about(
  record: NameRecord,
  name: string | undefined,
  domain: string,
): Omit<Expectation, 'isThere'> | undefined {
  const [address] = record.addresses;
  if (address === undefined || name === undefined) return undefined;
  return { name: `${name}.${domain}`, family: familyOf(address) };
}

/** That a container has an address; `undefined` if it has no name. */
export function expectKnown(record: NameRecord, domain: string): Expectation | undefined {
  const question = about(record, record.names.at(-1), domain);
  return question === undefined ? undefined : { ...question, isThere: true };
}

/** That the first container with a name has an address: a server that is stuck tells nothing of any. */
export function expectAny(records: readonly NameRecord[], domain: string): Expectation | undefined {
  return records.map((record) => expectKnown(record, domain)).find((one) => one !== undefined);
}

/** That a container is not known any more; `undefined` if others have all of its names. */
export function expectGone(
  gone: NameRecord,
  others: readonly NameRecord[],
  domain: string,
): Expectation | undefined {
  const held = new Set(others.flatMap(({ names }) => names));
  const question = about(
    gone,
    gone.names.findLast((name) => !held.has(name)),
    domain,
  );
  return question === undefined ? undefined : { ...question, isThere: false };
}

/** Sends a question to a server and returns its answer; `undefined` if none comes in time. */
export type Ask = (question: Buffer, timeoutMs: number) => Promise<Buffer | undefined>;

/** Whether the server that is asked says so, within the time; asks once at least. */
export async function isAnswered(
  ask: Ask,
  { name, family, isThere }: Expectation,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = monotonicMs() + timeoutMs;
  const id = Number(process.hrtime.bigint() & 0xffffn);
  const question = encodeQuestion({ id, name, family });
  for (;;) {
    const answer = await ask(question, ANSWER_MS);
    const count = answer === undefined ? undefined : countAnswers(answer, id);
    if (count !== undefined && count > 0 === isThere) return true;
    if (monotonicMs() >= deadline) return false;
    await pause(PAUSE_MS);
  }
}

/** An address of this host at which a server of names is asked; without a port, at 53. */
export interface ServerPlace extends Pick<Zone, 'port'> {
  readonly address: string;
}

/** The server of names at an address of this host. */
export function serverAt({ address, port = DNS_PORT }: ServerPlace): Destination {
  return { family: familyOf(address), address, port };
}

/** Whether the server at the address says so, within the time. */
export function doesAnswer(
  place: ServerPlace,
  expectation: Expectation,
  { timeoutMs, plain }: { readonly timeoutMs: number } & Pick<Context, 'plain'>,
): Promise<boolean> {
  const server = serverAt(place);
  const ask: Ask = (question, ms) => exchange(server, question, { timeoutMs: ms, plain });
  return isAnswered(ask, expectation, timeoutMs);
}
