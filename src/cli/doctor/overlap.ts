import { bitsOf, formatAddress, networkOf, parseCidr, familyOf, splitPrefix } from '../../input/address.ts';
import { spanContains, spansOverlap } from '../../ipam/range.ts';
import { formatAddressInfo, type RouteInfo } from '../../sys/process/ip.ts';
import { type Facts, isSeen, type NetworkFacts } from '../facts/facts.ts';
import { mayDeleteRoute } from './deletion.ts';
import { check, type Finding } from './finding.ts';
import { blockOf } from './route-block.ts';

function describeRoute({ dst, gateway, dev }: RouteInfo): string {
  return [dst, gateway === undefined ? '' : `via ${gateway}`, dev === undefined ? '' : `dev ${dev}`]
    .filter((part) => part !== '')
    .join(' ');
}

export type Clash = 'none' | 'takes over' | 'loses';

/** The longest prefix wins in the kernel: a wider route loses the part in the subnet, any other takes our packets. */
export function clashOf(subnet: string, route: RouteInfo, bridge: string): Clash {
  const own = blockOf(subnet);
  const other = blockOf(route.dst);
  if (own === undefined || other?.family !== own.family || route.dev === bridge) return 'none';
  if (!spansOverlap(own, other)) return 'none';
  const isWider = spanContains(other, own.first) && spanContains(other, own.last);
  const isEqual = own.first === other.first && own.last === other.last;
  return isWider && !isEqual ? 'loses' : 'takes over';
}

/** Another subnet always helps; deleting the route is suggested only if it is safe. */
function clashRemedy(facts: Facts, route: RouteInfo): string {
  const other = 'choose a free subnet: flatnet network create --help';
  if (!mayDeleteRoute(facts, route)) return other;
  return `${other}, or delete the route: sudo ip route del ${describeRoute(route)}`;
}

function describeOwner({ protocol, dev }: RouteInfo): string {
  return protocol === 'kernel' ? `this host's own network on ${dev ?? ''}` : 'a VPN or another site';
}

function clashFinding(
  facts: Facts,
  { subnet, bridge }: { readonly subnet: string; readonly bridge: string },
  route: RouteInfo,
): readonly Finding[] {
  const { warning, fail } = check('Network', 'routes');
  const clash = clashOf(subnet, route, bridge);
  const suggestion = clashRemedy(facts, route);
  if (clash === 'takes over') {
    return [
      fail(`route "${describeRoute(route)}" diverts packets for ${subnet} from ${bridge}`, {
        effect: 'packets for containers go to another host or a VPN, or nowhere',
        suggestion,
      }),
    ];
  }
  if (clash === 'none') return [];
  return [
    warning(`${subnet} lies inside route "${describeRoute(route)}" (${describeOwner(route)})`, {
      effect: `machines of that network in ${subnet} cannot be reached from this host`,
      suggestion,
    }),
  ];
}

function siblingFindings(facts: Facts, { network, subnets }: NetworkFacts): readonly Finding[] {
  const others = facts.networks.filter((other) => other.network.name > network.name);
  return others.flatMap((other) =>
    subnets.flatMap((subnet) =>
      other.subnets.flatMap((theirs) => {
        const [one, two] = [blockOf(subnet), blockOf(theirs)];
        if (one === undefined || two?.family !== one.family || !spansOverlap(one, two)) return [];
        if (other.network.conf.bridge === network.conf.bridge && subnet === theirs) return [];
        return [
          check('Network', 'routes').fail(
            `networks "${network.name}" (${subnet}) and "${other.network.name}" (${theirs}) overlap`,
            { effect: 'the host reaches only one of them', suggestion: `sudoedit ${other.network.path}` },
          ),
        ];
      }),
    ),
  );
}

/** The route that the kernel adds with a gateway's address; `undefined` if the address is the whole subnet. */
function connectedRoute(gateway: string, bridge: string): { dst: string; rest: string } | undefined {
  const cidr = parseCidr(gateway);
  if (cidr === undefined || cidr.prefix === bitsOf(cidr.family)) return undefined;
  const dst = `${formatAddress({ family: cidr.family, value: networkOf(cidr).first })}/${cidr.prefix}`;
  const rest =
    cidr.family === 4
      ? `proto kernel scope link src ${splitPrefix(gateway).address}`
      : 'proto kernel metric 256';
  return { dst, rest: `dev ${bridge} ${rest}` };
}

/** A connected route can be deleted by hand, or by a network manager that does not know the bridge. */
function lostRoutes(facts: Facts, { bridge, gateways }: NetworkFacts): readonly Finding[] {
  if (bridge?.flags.includes('UP') !== true) return [];
  const present = (bridge.addr_info ?? []).map(formatAddressInfo);
  return gateways
    .filter((gateway) => present.includes(gateway))
    .filter((gateway) => isSeen(facts, `routes${familyOf(gateway)}`))
    .flatMap((gateway) => {
      const wanted = connectedRoute(gateway, bridge.ifname);
      const isThere = facts.routes.some(({ dst, dev }) => dst === wanted?.dst && dev === bridge.ifname);
      if (wanted === undefined || isThere) return [];
      const route = `${wanted.dst} ${wanted.rest}`;
      return [
        check('Network', 'routes').fail(`no route leads to ${wanted.dst} on ${bridge.ifname}`, {
          effect:
            'neither the host nor anything beyond it reaches the containers, and published ports do not answer',
          suggestion: `sudo ip route add ${route}`,
          fix: { kind: 'route', route },
        }),
      ];
    });
}

export function checkOverlap(facts: Facts, network: NetworkFacts): readonly Finding[] {
  const { bridgeName: bridge } = network;
  const bridges = new Set(
    facts.networks.flatMap(({ network: { conf }, running }) => [
      conf.bridge,
      ...running.map((one) => one.bridge),
    ]),
  );
  const foreign = facts.routes.filter(({ dev }) => dev === undefined || !bridges.has(dev));
  const found = [
    ...network.subnets.flatMap((subnet) =>
      foreign.flatMap((route) => clashFinding(facts, { subnet, bridge }, route)),
    ),
    ...siblingFindings(facts, network),
    ...lostRoutes(facts, network),
  ];
  if (found.length > 0 || network.subnets.length === 0) return found;
  return [check('Network', 'routes').pass(`no other route covers ${network.subnets.join(', ')}`)];
}
