/** The pair to make: the host end in the bridge, the other end under its final name in the sandbox. */
export interface PairSpec {
  readonly hostIfname: string;
  readonly ifname: string;
  readonly bridge: string;
  /** MAC of the sandbox end. */
  readonly mac: string;
  /** MAC of the host end; set, so that it need not be read back. */
  readonly hostMac: string;
  readonly mtu: number;
  readonly alias: string;
  readonly hairpin: boolean;
  /** Ports of a bridge that are isolated do not reach each other. */
  readonly isolated: boolean;
  /** Path under which `ip` finds the sandbox. */
  readonly netns: string;
}

/** An address of the sandbox end. */
export interface AddressSpec {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  /** IPv6: find out first whether somebody else has it, which takes a second or two. */
  readonly checkDuplicates?: boolean;
}

/** A route of the sandbox: host-local's fields (plugins `types.Route`, SPEC 1.1.0 "routes"). */
export interface RouteSpec {
  /** CIDR. */
  readonly dst: string;
  readonly gw?: string | undefined;
  readonly mtu?: number | undefined;
  readonly advmss?: number | undefined;
  readonly priority?: number | undefined;
  readonly table?: number | undefined;
  readonly scope?: number | undefined;
}

/**
 * Lines of `ip -batch` that make the pair. The peer is made in the sandbox at once: made on the host and moved, it
 * would collide with the host's own `eth0`.
 */
export function planPair(spec: PairSpec): readonly string[] {
  const { hostIfname: host, ifname, mtu } = spec;
  const flags = [...(spec.hairpin ? ['hairpin on'] : []), ...(spec.isolated ? ['isolated on'] : [])];
  return [
    `link add name ${host} address ${spec.hostMac} mtu ${mtu} type veth peer name ${ifname} address ${spec.mac} mtu ${mtu} netns ${spec.netns}`,
    // No link-local address of its own: the host end is a bridge port.
    `link set dev ${host} alias ${spec.alias} addrgenmode none master ${spec.bridge} up`,
    ...(flags.length > 0 ? [`link set dev ${host} type bridge_slave ${flags.join(' ')}`] : []),
  ];
}

/** True for 0.0.0.0/0 and ::/0. */
export function isDefaultRoute(dst: string): boolean {
  return /^[0.:]+\/0$/.test(dst);
}

/** 6 for texts with a colon. */
export function familyOf(text: string): 4 | 6 {
  return text.includes(':') ? 6 : 4;
}

/** IPv6 has no `append`: an equal route would become one multipath route. So each interface has a metric of its own. */
const DEFAULT_METRIC_V6 = 1024;

function metricOf(route: RouteSpec, ifname: string): number | undefined {
  if (route.priority !== undefined) return route.priority;
  if (familyOf(route.dst) === 4 || !isDefaultRoute(route.dst)) return undefined;
  return DEFAULT_METRIC_V6 + Number(/\d{1,3}$/.exec(ifname)?.[0] ?? 0);
}

function optional(key: string, value: number | undefined): string[] {
  return value === undefined ? [] : [`${key} ${value}`];
}

function planRoute(route: RouteSpec, ifname: string): string {
  const family = familyOf(route.dst);
  // Several networks each bring a default route: the first keeps it, the others stand behind it.
  const verb = family === 4 && isDefaultRoute(route.dst) ? 'append' : 'add';
  return [
    `route ${verb} ${route.dst}`,
    ...(route.gw === undefined ? [] : [`via ${route.gw}`]),
    `dev ${ifname}`,
    ...optional('metric', metricOf(route, ifname)),
    ...optional('mtu', route.mtu),
    ...optional('advmss', route.advmss),
    ...optional('table', route.table),
    ...optional('scope', route.scope),
  ].join(' ');
}

/**
 * Lines of `ip -batch`, run in the sandbox, that give the interface its addresses and routes. `lo` is the runtime's
 * business.
 */
export function planSandbox(
  ifname: string,
  addresses: readonly AddressSpec[],
  routes: readonly RouteSpec[],
): readonly string[] {
  return [
    ...addresses.map(({ family, address, prefix, checkDuplicates }) =>
      family === 4
        ? `address add ${address}/${prefix} brd + dev ${ifname}`
        : `address add ${address}/${prefix} dev ${ifname}${checkDuplicates === true ? '' : ' nodad'}`,
    ),
    `link set dev ${ifname} up`,
    ...routes.map((route) => planRoute(route, ifname)),
  ];
}
