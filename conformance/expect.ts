import { isDeepStrictEqual } from 'node:util';
import { commandOf, type Reply } from './call.ts';
import { ensure, Violation } from './case.ts';
import { howItEnded } from './exec.ts';
import type { Place } from './host.ts';
import { compareSnapshots, type Snapshot } from './snapshot.ts';

/** The error object of a failed call, unchecked. */
export interface ErrorResult {
  readonly cniVersion?: unknown;
  readonly code?: unknown;
  readonly msg?: unknown;
  readonly details?: unknown;
}

export interface ExpectedError {
  /** Codes that the specification allows here; any if absent. */
  readonly codes?: readonly number[];
  /** A code that means a different failure. */
  readonly not?: number;
  /** Words that msg or details must contain. */
  readonly naming?: readonly string[];
  /** The request, for the message: "ADD without CNI_NETNS". */
  readonly when: string;
}

/** A call and its outcome in one line. */
export function describeReply(reply: Reply): string {
  const verb = commandOf(reply.call) || 'the call';
  const said = shorten(reply.stdout) || shorten(reply.stderr);
  return `${verb} ended with ${howItEnded(reply)}${said === '' ? ' and said nothing' : `, saying ${said}`}`;
}

/** Fails the case unless the call ended with exit code 0. */
export function ensureSuccess(reply: Reply, when?: string): Reply {
  ensure(
    reply.exitCode === 0,
    `${when === undefined ? '' : `${when}: `}${describeReply(reply)}; wanted exit code 0`,
  );
  return reply;
}

/**
 * Fails the case unless the call failed as expected. Other cases require an error object (OUT-12, OUT-13); here, code
 * and words are checked only if there is one.
 */
export function ensureError(reply: Reply, { codes, not, naming = [], when }: ExpectedError): void {
  ensure(!reply.timedOut, `${when}: ${describeReply(reply)}; wanted an error`);
  ensure(reply.signal === null, `${when}: ${describeReply(reply)}; wanted an error, not a crash`);
  ensure(reply.exitCode !== 0, `${when}: ${describeReply(reply)}; wanted a non-zero exit code`);
  const { code, msg, details } = (reply.document ?? {}) as ErrorResult;
  ensure(
    code === undefined || codes === undefined || codes.some((known) => known === code),
    `${when}: error code is ${JSON.stringify(code)}, wanted ${(codes ?? []).join(' or ')} (${describeReply(reply)})`,
  );
  ensure(code === undefined || code !== not, `${when}: ${describeReply(reply)}; wanted another error`);
  const text = `${String(msg)} ${String(details)}`;
  const missing = naming.filter((word) => !text.includes(word));
  ensure(
    msg === undefined || missing.length === 0,
    `${when}: the error does not name ${missing.join(', ')} (${describeReply(reply)})`,
  );
}

/** Compares deeply. */
export function ensureEqual(actual: unknown, wanted: unknown, what: string): void {
  if (isDeepStrictEqual(actual, wanted)) return;
  throw new Violation(`${what} is ${JSON.stringify(actual)}, wanted ${JSON.stringify(wanted)}`);
}

/** Fails the case if anything appeared or vanished between two snapshots. */
export function ensureUnchanged(before: Snapshot, after: Snapshot, what: string): void {
  const { added, removed } = compareSnapshots(before, after);
  const report = [...added.map((line) => `+ ${line}`), ...removed.map((line) => `- ${line}`)];
  ensure(report.length === 0, `${what}:\n${report.join('\n')}`);
}

/** How long the kernel may take to remove the links of a deleted namespace, which it does in the background. */
const REMOVAL_MS = 5000;

/** {@link ensureUnchanged} after a sandbox was removed: polls until both are equal, then judges. */
export async function ensureUnchangedSoon(
  before: Snapshot,
  place: Pick<Place, 'snapshot'>,
  what: string,
): Promise<void> {
  const end = performance.now() + REMOVAL_MS;
  let after = await place.snapshot();
  while (!isDeepStrictEqual(before, after) && performance.now() < end) after = await place.snapshot();
  ensureUnchanged(before, after, what);
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)} …` : line;
}
