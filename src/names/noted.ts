import * as z from 'zod/mini';
import { conforms, whenNeeded } from '../input/schema.ts';
import { readTextFile } from '../sys/files/files.ts';
import { listNames } from '../sys/files/text-file.ts';
import { removeWatched, replaceWatched } from '../sys/files/watched-file.ts';
import { ROOT } from './places.ts';
import { HOST_WAYS, type ServerProgram, type Zone } from './zone.ts';

/** A zone as it is served: enough to change it or take it away without the network's configuration. */
export interface NotedZone {
  readonly zone: Zone;
  readonly program: ServerProgram;
  /** Data directory of the network's addresses; absent: the default one. */
  readonly dataDir?: string | undefined;
}

const DIRECTORY = `${ROOT}/zones`;

const schema = whenNeeded(() =>
  z.object({
    zone: z.object({
      network: z.string(),
      bridge: z.string(),
      domain: z.string(),
      listen: z.array(z.string()),
      internal: z.boolean(),
      host: z.optional(z.enum(HOST_WAYS)),
      port: z.optional(z.number()),
    }),
    program: z.object({ kind: z.enum(['aardvark', 'dnsmasq']), path: z.string() }),
    dataDir: z.optional(z.string()),
  }),
);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Written by nobody, or damaged: as good as absent, and written anew by the next container.
    return undefined;
  }
}

/** `undefined` where the network's names are not served. Costs one look at a file that is not there. */
export function notedZone(network: string): NotedZone | undefined {
  const text = readTextFile(`${DIRECTORY}/${network}`);
  if (text === undefined) return undefined;
  const note = parse(text);
  return conforms(schema(), note) ? note : undefined;
}

/** All zones that are served. */
export function notedZones(): readonly NotedZone[] {
  return listNames(DIRECTORY).flatMap((network) => notedZone(network) ?? []);
}

/** All notes as they are written, to see whether any has changed: costs less than to read them. */
export function noteTexts(): string {
  return listNames(DIRECTORY)
    .map((network) => `${network} ${readTextFile(`${DIRECTORY}/${network}`) ?? ''}\n`)
    .join('');
}

/** Whether exactly this is noted; costs less than to read a note. */
export function isNoted(note: NotedZone): boolean {
  return readTextFile(`${DIRECTORY}/${note.zone.network}`) === JSON.stringify(note);
}

export function noteZone(note: NotedZone): void {
  replaceWatched(`${DIRECTORY}/${note.zone.network}`, JSON.stringify(note), ROOT);
}

/** Absent is success. */
export function forgetZone(network: string): void {
  removeWatched(`${DIRECTORY}/${network}`);
}
