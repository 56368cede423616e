import { isolationElements, spoofElements } from '../firewall/isolation.ts';
import { needsLoopback, portElements, sharedElements } from '../firewall/ports.ts';
import type { Guarded } from '../firewall/spoof-ingress.ts';
import type { Element } from '../firewall/table.ts';
import { macForAddress } from '../veth/mac.ts';
import type { Memory } from './intent.ts';

/* Packet filter elements of an attachment, derived from its memory. Pure. */

export function ownPorts(memory: Memory, owner: string, addresses: readonly string[]): readonly Element[] {
  return portElements(owner, memory.portMappings, addresses);
}

function macOf({ mac }: Memory, owner: string, addresses: readonly string[]): string {
  return mac ?? macForAddress(addresses[0] ?? owner);
}

/** Elements that hold an attachment to its own addresses; none where `ownGuard` does. */
export function ownSpoof(memory: Memory, owner: string, addresses: readonly string[]): readonly Element[] {
  if (!memory.macspoofchk || memory.spoofForm === 'netdev') return [];
  return spoofElements(owner, macOf(memory, owner, addresses), addresses);
}

/** Replaces `ownSpoof` on kernels without tables of family bridge; `undefined` if not needed. */
export function ownGuard(memory: Memory, owner: string, addresses: readonly string[]): Guarded | undefined {
  if (!memory.macspoofchk || memory.spoofForm !== 'netdev') return undefined;
  return { owner, mac: macOf(memory, owner, addresses), addresses };
}

/** Elements that an attachment shares with others of its network. */
export function networkElements(memory: Memory, addresses: readonly string[]): readonly Element[] {
  const isolation = isolationElements(memory);
  if (memory.portMappings.length === 0) return isolation;
  const withLoopback = needsLoopback(memory.portMappings, addresses);
  return [...isolation, ...sharedElements(memory.bridge, memory.subnets, withLoopback)];
}

export function elementsOf(memory: Memory, owner: string, addresses: readonly string[]): readonly Element[] {
  return [
    ...networkElements(memory, addresses),
    ...ownPorts(memory, owner, addresses),
    ...ownSpoof(memory, owner, addresses),
  ];
}
