import { familyOf } from '../input/address.ts';
import { hairpinElement } from './hairpin.ts';
import type { PortMap, WaitingSet } from './sets.ts';
import type { Element } from './table.ts';

/** A validated entry of `runtimeConfig.portMappings` (CONVENTIONS.md). */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** Canonical; absent: all addresses of the host. `0.0.0.0` and `::` are all addresses of one family. */
  readonly hostIP?: string | undefined;
}

/** `hostIP` absent: all addresses of the family. */
export interface Claim {
  readonly family: 4 | 6;
  readonly protocol: PortMapping['protocol'];
  readonly hostPort: number;
  readonly hostIP?: string | undefined;
}

const ALL_ADDRESSES: Readonly<Record<string, 4 | 6>> = { '0.0.0.0': 4, '::': 6 };

/** One claim per mapping and family, for a container with addresses of these families. */
export function claimsOf(mappings: readonly PortMapping[], families: readonly (4 | 6)[]): readonly Claim[] {
  return mappings.flatMap(({ hostPort, protocol, hostIP }) =>
    families
      .filter((family) => hostIP === undefined || familyOf(hostIP) === family)
      .map((family) => ({
        family,
        protocol,
        hostPort,
        ...(hostIP === undefined || ALL_ADDRESSES[hostIP] === family ? {} : { hostIP }),
      })),
  );
}

/** As with bind(2): all addresses include each single one. */
export function isClash(one: Claim, other: Claim): boolean {
  return (
    one.family === other.family &&
    one.protocol === other.protocol &&
    one.hostPort === other.hostPort &&
    (one.hostIP === undefined || other.hostIP === undefined || one.hostIP === other.hostIP)
  );
}

/** Indexed by port, so that checking a thousand ports against a thousand others stays fast. */
export interface ClaimIndex<T> {
  readonly add: (claim: Claim, owner: T) => void;
  readonly clashing: (claim: Claim) => T | undefined;
}

export function indexClaims<T>(): ClaimIndex<T> {
  const byPort = new Map<string, { claim: Claim; owner: T }[]>();
  const portOf = ({ family, protocol, hostPort }: Claim) => `${family} ${protocol} ${hostPort}`;
  return {
    add: (claim, owner) => {
      const key = portOf(claim);
      const others = byPort.get(key);
      if (others === undefined) byPort.set(key, [{ claim, owner }]);
      else others.push({ claim, owner });
    },
    clashing: (claim) => byPort.get(portOf(claim))?.find((other) => isClash(other.claim, claim))?.owner,
  };
}

/** `tcp port 8080`, `udp port 53 of 127.0.0.1`. */
export function describeClaim({ protocol, hostPort, hostIP }: Claim): string {
  return `${protocol} port ${hostPort}${hostIP === undefined ? '' : ` of ${hostIP}`}`;
}

function keyOf(claim: Claim): string {
  const parts = [claim.protocol, ...(claim.hostIP === undefined ? [] : [claim.hostIP]), claim.hostPort];
  return parts.join(' . ');
}

function mapOf(claim: Claim): PortMap {
  return `${claim.hostIP === undefined ? 'ports' : 'bound'}${claim.family}`;
}

/** A port leads to the first address of each family. */
function targetsOf(addresses: readonly string[]): readonly string[] {
  const families = addresses.map(familyOf);
  return addresses.filter((address, index) => families.indexOf(familyOf(address)) === index);
}

/** One map element per mapping and family of the addresses. */
export function portElements(
  owner: string,
  mappings: readonly PortMapping[],
  addresses: readonly string[],
): readonly Element[] {
  return mappings.flatMap((mapping) =>
    targetsOf(addresses).flatMap((address) =>
      claimsOf([mapping], [familyOf(address)]).map((claim) => ({
        set: mapOf(claim),
        key: keyOf(claim),
        value: `${address} . ${mapping.containerPort}`,
        owner,
      })),
    ),
  );
}

function protocolOf(name: string | undefined): PortMapping['protocol'] {
  return name === 'udp' || name === 'sctp' ? name : 'tcp';
}

function parseWaiting(key: string, family: 4 | 6) {
  const [protocol, hostIP = '', port, address = ''] = key.split(' . ');
  const bound = ALL_ADDRESSES[hostIP] === undefined ? { hostIP } : {};
  return { claim: { family, protocol: protocolOf(protocol), hostPort: Number(port), ...bound }, address };
}

/** For an element of a port map or waiting set; `address` is the container's. */
export function parsePort({ set, key, value = '' }: Element): {
  readonly claim: Claim;
  readonly address: string;
} {
  const family = set.endsWith('6') ? 6 : 4;
  if (set.startsWith('waiting')) return parseWaiting(key, family);
  const parts = key.split(' . ');
  const bound = parts.length > 2 ? { hostIP: parts[1] } : {};
  const claim = { family, protocol: protocolOf(parts[0]), hostPort: Number(parts.at(-1)), ...bound } as const;
  return { claim, address: value.slice(0, value.indexOf(' ')) };
}

const EVERY_ADDRESS = { 4: '0.0.0.0', 6: '::' } as const;

export function toWaiting(element: Element): Element {
  const { claim } = parsePort(element);
  const { family, protocol, hostPort, hostIP = EVERY_ADDRESS[family] } = claim;
  const set: WaitingSet = `waiting${family}`;
  const key = [protocol, hostIP, hostPort, element.value ?? ''].join(' . ');
  return { set, key, ...(element.owner === undefined ? {} : { owner: element.owner }) };
}

export function toActive(element: Element): Element {
  const { claim } = parsePort(element);
  const value = element.key.split(' . ').slice(3).join(' . ');
  const owner = element.owner === undefined ? {} : { owner: element.owner };
  return { set: mapOf(claim), key: keyOf(claim), value, ...owner };
}

/** Whether a port is published on 127.0.0.1. */
export function needsLoopback(mappings: readonly PortMapping[], addresses: readonly string[]): boolean {
  return (
    addresses.some((address) => familyOf(address) === 4) &&
    mappings.some(({ hostIP }) => hostIP === undefined || hostIP === '0.0.0.0' || hostIP.startsWith('127.'))
  );
}

/** Elements of a network whose containers see every client of their published ports as the host. */
export function masqAllElements(bridge: string, subnets: readonly string[]): readonly Element[] {
  return subnets.map((subnet) => ({ set: `masqall${familyOf(subnet)}`, key: `"${bridge}" . ${subnet}` }));
}

/** Elements that every network with published ports needs. */
export function sharedElements(
  bridge: string,
  subnets: readonly string[],
  withLoopback: boolean,
): readonly Element[] {
  return [
    ...subnets.map((subnet) => hairpinElement(bridge, subnet)),
    ...(withLoopback ? [{ set: 'loopback', key: `"${bridge}"` } as const] : []),
  ];
}
