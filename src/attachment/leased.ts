import { formatAddress, networkOf, parseCidr } from '../input/address.ts';
import type { RouteSpec } from '../veth/plan.ts';
import type { Memory } from './intent.ts';
import type { AttachedAddress, DNS } from './spec.ts';

/** All that IPAM gives an attachment. */
export interface Lease {
  readonly addresses: readonly AttachedAddress[];
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
  /** CIDR texts of all subnets the network's addresses may come from. */
  readonly subnets: readonly string[];
  /** Remembered with the addresses: the rules the attachment needs. */
  readonly memory: Memory;
  /** Whether the same attachment had addresses already: in another sandbox, or in one that is gone. */
  readonly isSuccessor: boolean;
}

/** CIDR text of the subnet of an address. */
export function subnetOf(address: AttachedAddress): string {
  const cidr = parseCidr(`${address.address}/${address.prefix}`);
  if (cidr === undefined) return `${address.address}/${address.prefix}`;
  return `${formatAddress({ family: cidr.family, value: networkOf(cidr).first })}/${address.prefix}`;
}
