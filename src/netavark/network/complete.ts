import { familyOf, splitPrefix, withoutPrefix } from '../../input/address.ts';
import { findFreeSubnet, firstOverlap, freeBridge } from '../../attachment/choose-subnet.ts';
import { refuseSpoofCheck } from '../../attachment/no-addresses.ts';
import { refuseDoubling } from '../../attachment/refusals.ts';
import { FlatnetError } from '../../input/error.ts';
import { describeGateway } from '../../ipam/range.ts';
import { parseNetwork, OWN_DRIVER, isOwnDriver, type NetavarkNetwork } from './network.ts';
import { parseOptions } from './options.ts';
import type { Network } from './pool.ts';
import type { Taken, TakenSubnet } from './taken.ts';

/** The network that gets the first subnet and bridge, 10.87.1.0/24 and `flatnet-br0`; others leave them to it. */
const FIRST_NETWORK = 'flatnet';

/** What is filled into a network. */
export interface Completion {
  readonly subnets: Network['subnets'];
  readonly network_interface: string;
  readonly ipv6_enabled: boolean;
  readonly ipam_options: Readonly<Record<string, string>>;
}

function isSix({ subnet }: { readonly subnet: string }): boolean {
  return familyOf(subnet) === 6;
}

function driverOf({ name, ipam_options: options = {} }: Network): string {
  const { driver } = options;
  if (driver === undefined || isOwnDriver(driver)) return OWN_DRIVER;
  if (driver === 'host-local') return driver;
  throw new FlatnetError(
    'unsupported',
    `Cannot create network "${name}": no addresses by ipam driver "${driver}"`,
    {
      details:
        'leave out --ipam-driver, so that flatnet gives the addresses and containers keep theirs; with "host-local" Podman chooses them',
    },
  );
}

/** A unique local subnet (RFC 4193) of the network's random id, as Podman's own networks have a random one. */
function uniqueLocal({ id = '', name }: Network): string {
  const digits = id.slice(0, 14);
  if (!/^[0-9a-f]{14}$/.test(digits)) {
    throw new FlatnetError('invalid', `Cannot choose an IPv6 subnet for network "${name}": it has no id`, {
      details: 'name one: --subnet fd00:87:2::/64',
    });
  }
  const groups = `fd${digits}`.match(/.{4}/g) ?? [];
  return `${groups.join(':')}::/64`;
}

function freeSubnet(name: string, blocked: readonly TakenSubnet[]): string {
  const subnet = findFreeSubnet(
    blocked.map(({ cidr }) => cidr),
    name === FIRST_NETWORK ? 1 : 2,
  );
  if (subnet !== undefined) return subnet;
  throw new FlatnetError('invalid', `Cannot choose a subnet for network "${name}"`, {
    details: '10.87.1.0/24 to 10.87.254.0/24 are all taken; name one: --subnet 172.30.0.0/24',
  });
}

function hasNoAddresses({ options, name }: Network): boolean {
  return parseOptions(options ?? {}, { where: `network "${name}"`, inContainer: false }).isDisabled === true;
}

/** As netavark's bridge: IPv4 where no subnet is named, and with --ipv6 both families. */
function subnetsFor(asked: Network, blocked: readonly TakenSubnet[]): NonNullable<Network['subnets']> {
  const named = asked.subnets ?? [];
  if (hasNoAddresses(asked)) return named;
  const both = asked.ipv6_enabled === true;
  const needsFour = named.length === 0 || (both && named.every(isSix));
  const needsSix = both && !named.some(isSix);
  return [
    ...named,
    ...(needsFour ? [{ subnet: freeSubnet(asked.name, blocked) }] : []),
    ...(needsSix ? [{ subnet: uniqueLocal(asked) }] : []),
  ];
}

/** Puts the gateways in that were not named. */
function withGateways(shape: Network): Network {
  const { network } = parseNetwork({ ...shape, network_interface: shape.network_interface ?? 'any' });
  if (network.ipam.from === 'source') return shape;
  const gateways = network.ipam.pool.sets.flatMap(([range]) =>
    range === undefined ? [] : [describeGateway(range)],
  );
  const subnets = (shape.subnets ?? []).map((subnet, index) => ({
    ...subnet,
    gateway: subnet.gateway ?? withoutPrefix(gateways[index]),
  }));
  return { ...shape, subnets };
}

/** `10.87.1.1/24` of each subnet, as the bridge will have them. */
function gatewaysOf({ subnets = [] }: Network): readonly string[] {
  return subnets.map(({ subnet, gateway = '' }) => `${gateway}/${splitPrefix(subnet).prefix}`);
}

function refuseClash(shape: Network, { network }: NetavarkNetwork, taken: Taken): void {
  const { ipam, bridge } = network;
  if (ipam.from === 'source' || ipam.pool.allowOverlap) return;
  const others = taken.subnets.filter(({ link }) => link !== bridge);
  const cidrs = others.map(({ cidr }) => cidr);
  for (const { subnet } of shape.subnets ?? []) {
    const clash = others.find(({ cidr }) => firstOverlap(subnet, [cidr]) !== undefined);
    if (clash === undefined) continue;
    const { cidr, what } = clash;
    const free = findFreeSubnet(cidrs);
    const other = free === undefined ? 'name another --subnet' : `${free} is free: --subnet ${free}`;
    throw new FlatnetError(
      'invalid',
      `Cannot create network "${shape.name}": ${subnet} overlaps ${cidr}, ${what}`,
      { details: `${other}; or take it all the same: -o allow-overlap=true` },
    );
  }
}

function refuseBridge({ network }: NetavarkNetwork, { bridges, links }: Taken): void {
  const { name, bridge, isUnmanaged = false } = network;
  const owner = bridges.find((one) => one.name === bridge);
  const link = links.find((one) => one.name === bridge);
  const refuse = (reason: string, details: string) =>
    new FlatnetError('invalid', `Cannot create network "${name}": bridge "${bridge}" ${reason}`, { details });
  if (owner !== undefined && !isUnmanaged) {
    throw refuse(
      `belongs to ${owner.what}`,
      'name another --interface-name, or none: flatnet finds a free one',
    );
  }
  if (link !== undefined && !link.isBridge) {
    throw refuse(
      'is a link of another kind',
      'name another --interface-name, or none: flatnet finds a free one',
    );
  }
  if (link === undefined && isUnmanaged) {
    const details = `with mode=unmanaged it has to be there: ip link add ${bridge} type bridge; ip link set ${bridge} up`;
    throw refuse('is not there', details);
  }
}

/** With these bridges of flatnet's own, whose subnets count as free. */
function attempt(
  asked: Network,
  taken: Taken,
  own: readonly string[],
): { shape: Network; bridge: string | undefined } {
  const blocked = taken.subnets.filter(({ link }) => link === undefined || !own.includes(link));
  const shape = withGateways({ ...asked, subnets: subnetsFor(asked, blocked) });
  const gateways = gatewaysOf(shape);
  const leftover = taken.leftovers.find(
    (one) =>
      own.includes(one.name) &&
      one.gateways.length > 0 &&
      one.gateways.every((gateway) => gateways.includes(gateway)),
  );
  return { shape, bridge: asked.network_interface ?? leftover?.name };
}

function choose(asked: Network, taken: Taken): { shape: Network; bridge: string } {
  const named = asked.network_interface;
  const reusing = attempt(
    asked,
    taken,
    named === undefined ? taken.leftovers.map(({ name }) => name) : [named],
  );
  if (reusing.bridge !== undefined) return { shape: reusing.shape, bridge: reusing.bridge };
  const names = [...taken.bridges, ...taken.links].map(({ name }) => name);
  return {
    shape: attempt(asked, taken, []).shape,
    bridge: freeBridge(names, asked.name === FIRST_NETWORK ? 0 : 1),
  };
}

/**
 * Fills in what a new network leaves open, and refuses what cannot be. A bridge that a removed network has left behind is
 * taken again where it fits.
 *
 * @throws FlatnetError naming what is wrong, or who has it already, and what is free.
 */
export function completeNetwork(asked: Network, taken: Taken): Completion {
  const driver = driverOf(asked);
  const { shape, bridge } = choose({ ...asked, ipam_options: { ...asked.ipam_options, driver } }, taken);
  const complete = { ...shape, network_interface: bridge };
  const read = parseNetwork(complete);
  // At each setup they are refused, too.
  refuseDoubling(read.network);
  refuseSpoofCheck(read.network);
  refuseBridge(read, taken);
  refuseClash(complete, read, taken);
  return {
    subnets: complete.subnets,
    network_interface: bridge,
    ipv6_enabled: (complete.subnets ?? []).some(isSix),
    ipam_options: { ...asked.ipam_options, driver },
  };
}
