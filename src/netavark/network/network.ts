import { parseBandwidth } from '../../attachment/parse-bandwidth.ts';
import { ifnameProblem, isNetworkName, NETWORK_NAME_FORM } from '../../attachment/parse-names.ts';
import { DOWN, NO_ADDRESSES, WITHOUT_ADDRESSES } from '../../attachment/no-addresses.ts';
import { parseOutbound } from '../../attachment/parse-outbound.ts';
import { parseRoutes } from '../../attachment/parse-routes.ts';
import { parseLink } from '../../attachment/parse-link.ts';
import { parseZone } from '../../attachment/parse-zone.ts';
import { parseSnat } from '../../attachment/parse-snat.ts';
import { parseSysctls } from '../../attachment/parse-sysctls.ts';
import { refuseBesideUnmanaged } from '../../attachment/unmanaged.ts';
import { type AttachmentSpec, familiesOf, type NetworkSpec, type PoolIpam } from '../../attachment/spec.ts';
import { LEAST_MTU } from '../../bridge/mtu.ts';
import { FlatnetError } from '../../input/error.ts';
import { invalidValue } from '../../input/parse.ts';
import type { Bandwidth } from '../../veth/bandwidth.ts';
import type { RouteSpec } from '../../veth/plan.ts';
import { namesOf } from './names-options.ts';
import { parseOptions, type Settings } from './options.ts';
import { type Network, poolOf } from './pool.ts';

/** The word by which a network says that flatnet chooses its addresses: `ipam_options.driver`. */
export const OWN_DRIVER = 'flatnet';
/** Tools write it for "as the driver likes". */
const DEFAULT_DRIVER = 'default';

/** Completes "expected". */
const OUTBOUND_NEEDS = 'it where masquerade is on: not with --internal, masquerade=false or mode=unmanaged';

/** A network as the engine takes it, and what of its options is each attachment's. */
export interface NetavarkNetwork {
  readonly network: NetworkSpec;
  readonly bandwidth: Bandwidth;
  readonly interface: Pick<AttachmentSpec, 'link' | 'mtu' | 'hostInterfaceName'>;
  /** By path below /proc/sys, for any interface: `IFNAME` stands for its name. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** The network's own, by key as it was spelled. */
  readonly spelledSysctls: Readonly<Record<string, string>>;
}

/** Whether flatnet chooses the addresses; where a network does not say so, Podman does. */
export function isOwnDriver(driver: string | undefined): boolean {
  return driver === OWN_DRIVER || driver === DEFAULT_DRIVER;
}

function bridgeOf({ network_interface: bridge }: Network, where: string): string {
  const expected = 'the name of a bridge, which "podman network create -d flatnet" writes';
  if (bridge === undefined) throw invalidValue('network_interface', bridge, { expected, where });
  const problem = ifnameProblem(bridge);
  if (problem === undefined) return bridge;
  throw invalidValue('network_interface', bridge, { expected: `another name: ${problem}`, where });
}

function routesOf({ routes = [] }: Network, where: string): readonly RouteSpec[] {
  const [refused] = routes.filter(({ route_type: type = 'unicast' }) => type !== 'unicast');
  if (refused !== undefined) {
    throw new FlatnetError(
      'unsupported',
      `Cannot do a route of type "${refused.route_type ?? ''}" in ${where}`,
      {
        details: `flatnet makes unicast routes; leave out the route to ${refused.destination}, or use the driver "bridge"`,
      },
    );
  }
  const own = routes.map(({ destination: dst, gateway: gw, metric: priority }) => ({ dst, gw, priority }));
  return parseRoutes(own, { list: 'routes', where });
}

/** A metric of the default routes has to be said with them; without one the first network of a container keeps its own. */
function defaultRoutes({ metric }: Settings, families: readonly (4 | 6)[]): readonly RouteSpec[] {
  if (metric === undefined) return [];
  return families.map((family) => ({ dst: family === 4 ? '0.0.0.0/0' : '::/0', priority: metric }));
}

function checkMtu({ mtu }: Settings, ipam: PoolIpam, where: string): void {
  if (mtu === undefined || mtu >= LEAST_MTU[6] || !familiesOf(ipam).includes(6)) return;
  throw invalidValue('options.mtu', String(mtu), {
    expected: `${LEAST_MTU[6]} or more, which IPv6 needs; or leave out the IPv6 subnet`,
    where,
  });
}

/** A network whose interfaces stay down has neither subnets nor routes. */
function withoutSubnets({ subnets, routes }: Network, where: string): NetworkSpec['ipam'] {
  for (const [key, list = []] of Object.entries({ subnets, routes })) {
    const expected = `${WITHOUT_ADDRESSES} (options.disable-container-interface)`;
    if (list.length > 0) throw invalidValue(key, list, { expected, where });
  }
  return NO_ADDRESSES;
}

/** Where the addresses come from, and the routes that go with them. */
function ipamOf(
  shape: Network,
  { settings, switches }: { settings: Settings; switches: Pick<NetworkSpec, 'isDefaultGateway'> },
  where: string,
): PoolIpam {
  if ((shape.subnets ?? []).length === 0) {
    throw new FlatnetError('invalid', `Cannot use network "${shape.name}": it has no subnet`, {
      details: `make it anew: podman network rm ${shape.name}; podman network create -d flatnet ${shape.name}`,
    });
  }
  const from = isOwnDriver(shape.ipam_options?.['driver']) ? 'pool' : 'caller';
  const pool = poolOf(shape, settings);
  const ipam: PoolIpam = {
    from,
    pool,
    givesAllRequested: true,
    routes: routesOf(shape, where),
    dns: {},
    resolvConf: undefined,
    dataDir: settings.dataDir,
  };
  checkMtu(settings, ipam, where);
  const defaults = switches.isDefaultGateway ? defaultRoutes(settings, familiesOf(ipam)) : [];
  return { ...ipam, routes: [...ipam.routes, ...defaults] };
}

/** Options that were switched on and need a bridge of flatnet's own. */
function ofManaged(settings: Settings): Readonly<Record<string, string>> {
  const { promisc, forceAddress, masquerade, forwardAccept, isolated, ingressPolicy = 'open' } = settings;
  const on = (name: string, value: boolean | undefined) =>
    value === true ? { [`options.${name}`]: 'true' } : {};
  return {
    ...on('promisc-mode', promisc),
    ...on('force-address', forceAddress),
    ...on('masquerade', masquerade),
    ...on('forward-accept', forwardAccept),
    ...on('isolate', isolated),
    ...(ingressPolicy === 'open' ? {} : { 'options.ingress-policy': ingressPolicy }),
  };
}

/** Switches and their defaults: as netavark's bridge has them, and those of flatnet's that it has not. */
function switchesOf(
  settings: Settings,
  { internal, isUnmanaged }: { internal: boolean; isUnmanaged: boolean },
) {
  const ingressPolicy = settings.ingressPolicy ?? (settings.isolated === true ? 'same-bridge' : 'open');
  return {
    isGateway: !isUnmanaged,
    isDefaultGateway: !internal && settings.noDefaultRoute !== true,
    forceAddress: settings.forceAddress === true,
    ipMasq: !internal && !isUnmanaged && settings.masquerade !== false,
    ipMasqBackend: settings.masqueradeBackend,
    hairpinMode: settings.hairpin === true,
    promiscMode: settings.promisc === true,
    forwardAccept: !isUnmanaged && settings.forwardAccept !== false,
    portIsolation: settings.portIsolation ?? ingressPolicy === 'isolated',
    macspoofchk: settings.macspoofchk === true,
    ingressPolicy,
    internal: internal && !isUnmanaged,
    enabledad: settings.enabledad === true,
  };
}

/** Those of one container replace the network's. */
function sysctlsOf(
  { own, container }: { readonly own: Settings; readonly container: Settings },
  where: string,
): Pick<NetavarkNetwork, 'sysctls' | 'spelledSysctls'> {
  const pathsOf = ({ sysctls = {} }: Settings) =>
    parseSysctls(sysctls, 'IFNAME', { list: 'options.sysctl', where });
  return { sysctls: { ...pathsOf(own), ...pathsOf(container) }, spelledSysctls: own.sysctls ?? {} };
}

/** What the packet filter is to do with the network's packets. */
function filterOf(
  settings: Settings,
  spec: ReturnType<typeof switchesOf> & Pick<NetworkSpec, 'ipam'>,
  where: string,
) {
  return {
    outbound: parseOutbound(settings, spec, { where, prefix: 'options.', needs: OUTBOUND_NEEDS }),
    firewalldZone: parseZone(settings.firewalldZone, spec, { key: 'options.firewalld-zone', where }),
    ...parseSnat(settings, { key: 'options.masq-all', where }),
  };
}

/**
 * Reads a network, with the options of one container in it.
 *
 * @throws FlatnetError naming key, value and what would be right.
 */
export function parseNetwork(
  shape: Network,
  inContainer: Readonly<Record<string, string>> = {},
): NetavarkNetwork {
  const where = `network "${shape.name}"`;
  if (!isNetworkName(shape.name)) {
    throw invalidValue('name', shape.name, { expected: NETWORK_NAME_FORM, where: 'the network' });
  }
  const own = parseOptions(shape.options ?? {}, { where, inContainer: false });
  const container = parseOptions(inContainer, { where, inContainer: true });
  const settings = { ...own, ...container };
  const isUnmanaged = settings.isUnmanaged === true;
  if (isUnmanaged) refuseBesideUnmanaged(ofManaged(own), where);
  const isDisabled = own.isDisabled === true;
  const switches = {
    ...switchesOf(settings, { internal: shape.internal === true, isUnmanaged }),
    ...(isDisabled ? DOWN : {}),
  };
  const ipam = isDisabled ? withoutSubnets(shape, where) : ipamOf(shape, { settings, switches }, where);
  return {
    network: {
      name: shape.name,
      bridge: bridgeOf(shape, where),
      ...(isUnmanaged ? { isUnmanaged } : {}),
      ...switches,
      ...filterOf(settings, { ...switches, ipam }, where),
      mtu: own.mtu,
      ipam,
      dns: { nameservers: shape.network_dns_servers },
      names: namesOf(shape, settings),
    },
    bandwidth: parseBandwidth(settings, where),
    interface: {
      link: parseLink({ ...settings, promisc: settings.linkPromisc }),
      mtu: container.mtu,
      hostInterfaceName: container.hostInterfaceName,
    },
    ...sysctlsOf({ own, container }, where),
  };
}
