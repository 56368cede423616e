import * as z from 'zod/mini';
import { bitsOf, formatAddress, parseAddress } from '../../input/address.ts';
import { conforms, textThat, whenNeeded } from '../../input/schema.ts';
import type { Released } from '../state.ts';
import type { Allocation, Json } from '../types.ts';

/* Entries of a damaged or edited file. Few calls meet one, so the schemas are built on demand. */

const releasedFields = () => ({
  network: z.string(),
  containerID: z.string(),
  ifname: z.string(),
  address: textThat(isCanonical, 'an address in its canonical form'),
  containerName: z.exactOptional(z.string()),
  time: z.string(),
});

const releasedSchema = whenNeeded(() => z.object(releasedFields()));

const allocationSchema = whenNeeded(() =>
  z
    .object({
      ...releasedFields(),
      prefix: z.int(),
      gateway: z.exactOptional(z.string()),
      hostIfname: z.exactOptional(z.string()),
      mac: z.exactOptional(z.string()),
      netns: z.exactOptional(z.object({ path: z.string(), id: z.string() })),
      creator: z.exactOptional(z.object({ pid: z.int(), startTime: z.string() })),
      data: z.exactOptional(z.custom<Json>()),
    })
    .check(z.refine(({ address, prefix }) => prefix >= 0 && prefix <= widthOf(address))),
);

/** `undefined` if the value is no allocation. */
export function readAllocation(value: unknown): Allocation | undefined {
  return conforms(allocationSchema(), value) ? value : undefined;
}

/** `undefined` if the value is no released address. */
export function readReleased(value: unknown): Released | undefined {
  return conforms(releasedSchema(), value) ? value : undefined;
}

function isCanonical(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && formatAddress(address) === text;
}

function widthOf(text: string): number {
  const address = parseAddress(text);
  return address === undefined ? 0 : bitsOf(address.family);
}
