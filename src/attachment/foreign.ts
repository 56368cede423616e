import { hasLink } from '../sys/proc.ts';
import { forgetMark, listMarks, readMark, writeMark } from '../sys/files/marks.ts';
import { encodeMemory, type Memory, recall } from './intent.ts';
import * as z from 'zod/mini';
import { conforms, whenNeeded } from '../input/schema.ts';

/*
 * Attachments whose addresses another plugin gave have no entry in allocations.json, which holds flatnet's own. What
 * their rules need is noted until the next boot; none of them outlives it.
 */

/** An attachment with addresses of another plugin, and its remembered rules. */
export interface ForeignAttachment {
  readonly network: string;
  /** Name of its host veth. */
  readonly owner: string;
  readonly addresses: readonly string[];
  readonly memory: Memory;
}

const PREFIX = 'attachment-';
const noteSchema = whenNeeded(() =>
  z.object({ network: z.string(), addresses: z.array(z.string()), memory: z.unknown() }),
);

export function rememberForeign({ owner, network, addresses, memory }: ForeignAttachment): void {
  writeMark(`${PREFIX}${owner}`, JSON.stringify({ network, addresses, memory: encodeMemory(memory) }));
}

function parse(note: string): unknown {
  try {
    return JSON.parse(note);
  } catch {
    // Cut off, by a full /run: as if there were none.
    return undefined;
  }
}

/** The note of a host veth's attachment; `undefined` without one. */
export function recallForeign(owner: string): ForeignAttachment | undefined {
  const note = parse(readMark(`${PREFIX}${owner}`) ?? '');
  if (!conforms(noteSchema(), note)) return undefined;
  const memory = recall(note.memory);
  return memory === undefined
    ? undefined
    : { network: note.network, owner, addresses: note.addresses, memory };
}

/** Takes the note away. Absent is success. */
export function forgetForeign(owner: string): void {
  forgetMark(`${PREFIX}${owner}`);
}

function owners(): readonly string[] {
  return listMarks(PREFIX).map((name) => name.slice(PREFIX.length));
}

/** All that are remembered and have their link. */
export function listForeign(): readonly ForeignAttachment[] {
  return owners().flatMap((owner) => (hasLink(owner) ? (recallForeign(owner) ?? []) : []));
}

/** Takes the notes of those away whose link is gone. */
export function sweepForeign(): void {
  // Looked at after its note: an attachment makes its pair first.
  for (const owner of owners()) if (!hasLink(owner)) forgetForeign(owner);
}
