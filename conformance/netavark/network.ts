import { randomBytes } from 'node:crypto';
import type { Driver, Fields } from './driver.ts';

/** A network as Podman keeps it, unchecked: a driver chose most of it. */
export interface Network {
  readonly name: string;
  readonly subnets?: readonly Subnet[] | null;
  readonly ipam_options?: Readonly<Record<string, string>> | null;
  readonly ipv6_enabled?: boolean;
  readonly [key: string]: unknown;
}

export interface Subnet {
  readonly subnet: string;
  readonly gateway?: string | null;
  readonly lease_range?: { readonly start_ip?: string; readonly end_ip?: string } | null;
}

/** The name of a network that a case does not name. */
export const NETWORK_NAME = 'conformance';

/** Ids of networks and containers: 64 hexadecimal digits. */
export function randomId(): string {
  return randomBytes(32).toString('hex');
}

/** The network that Podman passes to `create`: what it always says, and what the user chose. */
export function askedNetwork({ type, asked }: Driver, changes: Fields): Fields {
  return {
    name: NETWORK_NAME,
    id: randomId(),
    driver: type,
    created: '0001-01-01T00:00:00Z',
    ipv6_enabled: false,
    internal: false,
    dns_enabled: true,
    ...asked,
    ...changes,
  };
}

/** The keys that Podman keeps of an answer to `create`. */
const KEPT = [
  'name',
  'id',
  'driver',
  'network_interface',
  'subnets',
  'routes',
  'ipv6_enabled',
  'internal',
  'dns_enabled',
  'network_dns_servers',
  'labels',
  'options',
  'ipam_options',
] as const;

/** The network that Podman keeps: the answer without keys that it does not know, and no names where "none" gives addresses. */
export function keptNetwork(answer: Fields): Network {
  const kept = Object.fromEntries(KEPT.filter((key) => key in answer).map((key) => [key, answer[key]]));
  const network = { ...kept, name: String(answer['name']) } as Network;
  return network.ipam_options?.['driver'] === 'none' ? { ...network, dns_enabled: false } : network;
}

/** The part of a network that netavark passes on, every key there: `null` where the network has none. */
export function sentNetwork(network: Network): Fields {
  const { subnets } = network;
  const sent = Object.fromEntries(
    KEPT.filter((key) => key !== 'labels').map((key) => [key, network[key] ?? null]),
  );
  return {
    ...sent,
    subnets:
      subnets?.map(({ subnet, gateway, lease_range: lease }) => ({
        gateway: gateway ?? null,
        lease_range: lease ?? null,
        subnet,
      })) ?? null,
  };
}

/** Whether Podman chooses the addresses: the network has subnets, and no other word says who does. */
export function isPodmanChoosing({ subnets, ipam_options: ipam }: Network): boolean {
  return (subnets ?? []).length > 0 && ['host-local', undefined].includes(ipam?.['driver']);
}
