import { hasLink } from '../sys/proc.ts';
import { forgetMark, listMarks, readMark, writeMark } from '../sys/files/marks.ts';
import { encodeIntent, type Intent, recall } from './intent.ts';
import * as z from 'zod/mini';
import { conforms, whenNeeded } from '../input/schema.ts';

/*
 * Attachments with addresses from another plugin have no entry in allocations.json. What their rules need is noted
 * until the next boot; none of them outlives it.
 */

export interface ForeignAttachment {
  readonly network: string;
  /** Name of its host veth. */
  readonly owner: string;
  readonly addresses: readonly string[];
  readonly intent: Intent;
}

const PREFIX = 'attachment-';
const noteSchema = whenNeeded(() =>
  // The key `memory` is older than the name.
  z.object({ network: z.string(), addresses: z.array(z.string()), memory: z.unknown() }),
);

export function rememberForeign({ owner, network, addresses, intent }: ForeignAttachment): void {
  writeMark(`${PREFIX}${owner}`, JSON.stringify({ network, addresses, memory: encodeIntent(intent) }));
}

function parse(note: string): unknown {
  try {
    return JSON.parse(note);
  } catch {
    // Truncated by a full /run: treated as absent.
    return undefined;
  }
}

/** `undefined` without a valid note. */
export function recallForeign(owner: string): ForeignAttachment | undefined {
  const note = parse(readMark(`${PREFIX}${owner}`) ?? '');
  if (!conforms(noteSchema(), note)) return undefined;
  const intent = recall(note.memory);
  return intent === undefined
    ? undefined
    : { network: note.network, owner, addresses: note.addresses, intent };
}

/** Absent is success. */
export function forgetForeign(owner: string): void {
  forgetMark(`${PREFIX}${owner}`);
}

function owners(): readonly string[] {
  return listMarks(PREFIX).map((name) => name.slice(PREFIX.length));
}

/** Only attachments whose link exists. */
export function listForeign(): readonly ForeignAttachment[] {
  return owners().flatMap((owner) => (hasLink(owner) ? (recallForeign(owner) ?? []) : []));
}

/** Deletes the notes of links that are gone. */
export function sweepForeign(): void {
  // Check the link after reading its note: an attachment makes its pair first.
  for (const owner of owners()) if (!hasLink(owner)) forgetForeign(owner);
}
