import type { Kernel } from '../sys/kernel.ts';
import type { Publication, PublishedPorts } from './port-plan.ts';
import { parsePort } from './ports.ts';
import { isThere } from './read-elements.ts';
import type { Element } from './table.ts';

/*
 * Sets derived from the published ports answer an ADD by one look-up each: is this host port published, does any lead to
 * this address, does this link publish one. Listing a thousand mappings would take 10 ms.
 */

/** Marks the sets as filled: after a flush, or in a table of an earlier release, they are not. */
const COMPLETE: Element = { set: 'publishers', key: '"lo"' };

const publisher = (owner: string): Element => ({ set: 'publishers', key: `"${owner}"` });
const target = (address: string): Element => ({
  set: address.includes(':') ? 'reached6' : 'reached4',
  key: address,
});

/** The host port of an element of a port map or waiting set. */
function served(element: Element): Element {
  const { protocol, hostPort } = parsePort(element).claim;
  return { set: 'served', key: `${protocol} . ${hostPort}` };
}

/** The elements that these ports imply, each once. */
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

/** Whether a host link publishes ports or waits for some; `undefined` when the sets are not filled. */
export function isPublisher(kernel: Kernel, owner: string): boolean | undefined {
  return isThere(kernel, COMPLETE) ? isThere(kernel, publisher(owner)) : undefined;
}

/** Whether published ports may affect, or be affected by, a publication; true when the sets are not filled. */
export function mayClash(kernel: Kernel, { owner, addresses, wanted }: Publication): boolean {
  if (isPublisher(kernel, owner) !== false) return true;
  return [...addresses.map(target), ...wanted.map(served)].some((element) => isThere(kernel, element));
}
