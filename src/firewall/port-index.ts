import { familyOf } from '../input/address.ts';
import type { Kernel } from '../sys/kernel.ts';
import type { Publication, PublishedPorts } from './port-plan.ts';
import { parsePort } from './ports.ts';
import { isThere } from './read-elements.ts';
import type { Element } from './table.ts';

/*
 * Sets derived from the published ports answer an ADD with one look-up each: is this host port published, does any port
 * lead to this address, does this link publish one. Listing a thousand mappings would take 10 ms.
 */

/** Marks the sets as filled; after a flush, or in a table of an earlier release, they are not. */
const COMPLETE: Element = { set: 'publishers', key: '"lo"' };

const publisher = (owner: string): Element => ({ set: 'publishers', key: `"${owner}"` });
const target = (address: string): Element => ({
  set: `reached${familyOf(address)}`,
  key: address,
});

/** For elements of port maps and waiting sets. */
function served(element: Element): Element {
  const { protocol, hostPort } = parsePort(element).claim;
  return { set: 'served', key: `${protocol} . ${hostPort}` };
}

/** The index elements of these ports, each once. */
export function indexElements({ active, waiting }: PublishedPorts): readonly Element[] {
  const all = [...active, ...waiting].flatMap((element) => [
    served(element),
    target(parsePort(element).address),
    publisher(element.owner ?? ''),
  ]);
  return [
    ...new Map([COMPLETE, ...all].map((element) => [`${element.set} ${element.key}`, element])).values(),
  ];
}

/** Whether a host link publishes ports or waits for some; `undefined` if the sets are not filled. */
export function isPublisher(kernel: Kernel, owner: string): boolean | undefined {
  return isThere(kernel, COMPLETE) ? isThere(kernel, publisher(owner)) : undefined;
}

/** Whether published ports may affect, or be affected by, a publication; true if the sets are not filled. */
export function mayClash(kernel: Kernel, { owner, addresses, wanted }: Publication): boolean {
  if (isPublisher(kernel, owner) !== false) return true;
  return [...addresses.map(target), ...wanted.map(served)].some((element) => isThere(kernel, element));
}
