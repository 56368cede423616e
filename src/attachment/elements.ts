import { isolationElements, spoofElements } from '../firewall/isolation.ts';
import { natOf, type SourceNat } from '../firewall/masquerade.ts';
import { masqAllElements, needsLoopback, portElements, sharedElements } from '../firewall/ports.ts';
import type { Guarded } from '../firewall/spoof-ingress.ts';
import type { Element } from '../firewall/table.ts';
import { macForAddress } from '../veth/mac.ts';
import type { Intent } from './intent.ts';

/* Packet filter rules and elements of an attachment, derived from its intent. Pure. */

export function ownPorts(intent: Intent, owner: string, addresses: readonly string[]): readonly Element[] {
  return portElements(owner, intent.portMappings, addresses);
}

function macOf({ mac }: Intent, owner: string, addresses: readonly string[]): string {
  return mac ?? macForAddress(addresses[0] ?? owner);
}

/** Elements that hold an attachment to its own addresses; none where `ownGuard` does. */
export function ownSpoof(intent: Intent, owner: string, addresses: readonly string[]): readonly Element[] {
  if (!intent.macspoofchk || intent.spoofForm === 'netdev') return [];
  return spoofElements(owner, macOf(intent, owner, addresses), addresses);
}

/** Replaces `ownSpoof` on kernels without tables of family bridge; `undefined` if not needed. */
export function ownGuard(intent: Intent, owner: string, addresses: readonly string[]): Guarded | undefined {
  if (!intent.macspoofchk || intent.spoofForm !== 'netdev') return undefined;
  return { owner, mac: macOf(intent, owner, addresses), addresses };
}

/** Source NAT of the attachment's network. */
export function networkNat({ ipMasq, subnets, outbound }: Intent): readonly SourceNat[] {
  return ipMasq ? natOf(subnets, outbound) : [];
}

/** Elements that an attachment shares with others of its network. */
export function networkElements(intent: Intent, addresses: readonly string[]): readonly Element[] {
  const isolation = isolationElements(intent);
  const { bridge, subnets, portMappings, snat, masqAll } = intent;
  if (portMappings.length === 0 || snat === false) return isolation;
  const all = masqAll === true ? masqAllElements(bridge, subnets) : [];
  return [...isolation, ...sharedElements(bridge, subnets, needsLoopback(portMappings, addresses)), ...all];
}

export function elementsOf(intent: Intent, owner: string, addresses: readonly string[]): readonly Element[] {
  return [
    ...networkElements(intent, addresses),
    ...ownPorts(intent, owner, addresses),
    ...ownSpoof(intent, owner, addresses),
  ];
}
