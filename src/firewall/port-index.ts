import type { Netlink } from '../sys/netlink/netlink.ts';
import { hasElement } from '../sys/netlink/nfnetlink-read.ts';
import { encodeElement } from './element-bytes.ts';
import type { Publication, PublishedPorts } from './port-plan.ts';
import { parsePort } from './ports.ts';
import { type Element, TABLE } from './table.ts';

/*
 * Sets that follow from the published ports. They answer what an ADD has to know (does anything lead to this address, has
 * anybody this port, did this link have any) by one look-up each, where a thousand mappings would take 10 ms to be listed.
 */

/** Its presence says that the sets were filled: those of a table that an earlier release made, or of one flushed, are not. */
const COMPLETE: Element = { set: 'publishers', key: '"lo"' };

const publisher = (owner: string): Element => ({ set: 'publishers', key: `"${owner}"` });
const target = (address: string): Element => ({
  set: address.includes(':') ? 'reached6' : 'reached4',
  key: address,
});

/** The protocol and port of an element of a port map or a waiting set. */
function served(element: Element): Element {
  const { protocol, hostPort } = parsePort(element).claim;
  return { set: 'served', key: `${protocol} . ${hostPort}` };
}

/** What the sets are to hold beside these ports, each element once. */
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

function has(netlink: Netlink, element: Element): boolean {
  return hasElement(netlink, TABLE, { set: element.set, ...encodeElement(element) });
}

/** Whether a host link has published ports, or waits for some; `undefined` where the sets cannot tell. */
export function isPublisher(netlink: Netlink, owner: string): boolean | undefined {
  return has(netlink, COMPLETE) ? has(netlink, publisher(owner)) : undefined;
}

/** Whether anything has to be looked at before an attachment publishes its ports; true where the sets cannot tell. */
export function mayClash(netlink: Netlink, { owner, addresses, wanted }: Publication): boolean {
  if (isPublisher(netlink, owner) !== false) return true;
  return [...addresses.map(target), ...wanted.map(served)].some((element) => has(netlink, element));
}
