import { formatAddress, networkOf, parseCidr } from '../input/address.ts';
import type { RouteSpec } from '../veth/plan.ts';
import type { Intent } from './intent.ts';
import type { AttachedAddress, DNS } from './spec.ts';

export interface Lease {
  readonly addresses: readonly AttachedAddress[];
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
  /** CIDRs of all subnets the network's addresses may come from. */
  readonly subnets: readonly string[];
  /** Stored with the addresses: the rules the attachment needs. */
  readonly intent: Intent;
  /** Whether the same attachment already had addresses: in another sandbox, or in one that is gone. */
  readonly isSuccessor: boolean;
  /** RFC 3339, when they were given; absent for addresses from another plugin. */
  readonly time?: string | undefined;
}

/** As CIDR. */
export function subnetOf(address: AttachedAddress): string {
  const cidr = parseCidr(`${address.address}/${address.prefix}`);
  if (cidr === undefined) return `${address.address}/${address.prefix}`;
  return `${formatAddress({ family: cidr.family, value: networkOf(cidr).first })}/${address.prefix}`;
}
