import { isolationElements, spoofElements } from '../firewall/isolation.ts';
import { needsLoopback, portElements, sharedElements } from '../firewall/ports.ts';
import type { Guarded } from '../firewall/spoof-ingress.ts';
import type { Element } from '../firewall/table.ts';
import { macForAddress } from '../veth/mac.ts';
import type { Memory } from './intent.ts';

/* The elements of the packet filter that an attachment needs, by what is remembered of it. Pure. */

/** Elements of an attachment's published ports. */
export function ownPorts(memory: Memory, owner: string, addresses: readonly string[]): readonly Element[] {
  return portElements(owner, memory.portMappings, addresses);
}

function macOf({ mac }: Memory, owner: string, addresses: readonly string[]): string {
  return mac ?? macForAddress(addresses[0] ?? owner);
}

/** Elements that keep an attachment to its own addresses. */
export function ownSpoof(memory: Memory, owner: string, addresses: readonly string[]): readonly Element[] {
  if (!memory.macspoofchk || memory.spoofForm === 'netdev') return [];
  return spoofElements(owner, macOf(memory, owner, addresses), addresses);
}

/** What keeps it to them where the kernel has no table of family bridge; `undefined` for no such attachment. */
export function ownGuard(memory: Memory, owner: string, addresses: readonly string[]): Guarded | undefined {
  if (!memory.macspoofchk || memory.spoofForm !== 'netdev') return undefined;
  return { owner, mac: macOf(memory, owner, addresses), addresses };
}

/** Elements that an attachment needs and others of its network share. */
export function networkElements(memory: Memory, addresses: readonly string[]): readonly Element[] {
  const isolation = isolationElements(memory);
  if (memory.portMappings.length === 0) return isolation;
  const withLoopback = needsLoopback(memory.portMappings, addresses);
  return [...isolation, ...sharedElements(memory.bridge, memory.subnets, withLoopback)];
}

/** All elements that an attachment needs. */
export function elementsOf(memory: Memory, owner: string, addresses: readonly string[]): readonly Element[] {
  return [
    ...networkElements(memory, addresses),
    ...ownPorts(memory, owner, addresses),
    ...ownSpoof(memory, owner, addresses),
  ];
}
