import type { Allocation } from '../ipam/types.ts';
import { formatAddress, networkOf, parseAddress, parseCidr } from '../input/address.ts';
import type { Defer } from './rollback.ts';
import type { Netns } from '../sys/netns.ts';
import { ownProcess } from '../sys/proc.ts';
import { readHostRoutes } from '../sys/routes.ts';
import { hostIfname } from '../veth/name.ts';
import { familyOf, type RouteSpec } from '../veth/plan.ts';
import { readResolvConf } from '../cni/conf/options.ts';
import { familiesOf } from '../cni/conf/ports.ts';
import { delegate, delegateAdd } from '../cni/delegate.ts';
import { openHostStore } from './store.ts';
import { effectiveRoutes } from './lease-routes.ts';
import { encodeMemory, type Memory, memorize } from './intent.ts';
import { othersOf } from './others.ts';
import { refuseTakenPorts } from './ports.ts';
import type { Request } from '../cni/request.ts';
import { refuseUntold } from '../cni/result.ts';
import type { BuiltinIpam, DelegatedIpam, DNS, Result } from '../cni/types.ts';

/** An address an attachment got, whoever gave it. */
export interface LeasedAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  readonly gateway: string | undefined;
}

/** All that IPAM gives an attachment. */
export interface Lease {
  readonly addresses: readonly LeasedAddress[];
  readonly routes: readonly RouteSpec[];
  readonly dns: DNS;
  /** CIDR texts of all subnets the network's addresses may come from. */
  readonly subnets: readonly string[];
  /** What is remembered with the addresses: the rules the attachment needs. */
  readonly memory: Memory;
  /** Whether the same attachment had addresses already: in another sandbox, or in one that is gone. */
  readonly isSuccessor: boolean;
}

/** CIDR text of the subnet of an address. */
export function subnetOf(address: LeasedAddress): string {
  const cidr = parseCidr(`${address.address}/${address.prefix}`);
  if (cidr === undefined) return `${address.address}/${address.prefix}`;
  return `${formatAddress({ family: cidr.family, value: networkOf(cidr).first })}/${address.prefix}`;
}

function fromAllocation({ address, prefix, gateway }: Allocation): LeasedAddress {
  return { family: familyOf(address), address, prefix, gateway };
}

function poolSubnets(ipam: BuiltinIpam): readonly string[] {
  const texts = ipam.pool.sets.flat().map(({ family, subnet }) => {
    return `${formatAddress({ family, value: subnet.first })}/${subnet.prefix}`;
  });
  return [...new Set(texts)];
}

function resolverSettings({ dns, resolvConf }: BuiltinIpam): DNS {
  return resolvConf === undefined || Object.keys(dns).length > 0 ? dns : readResolvConf(resolvConf);
}

async function reserve(request: Request, ipam: BuiltinIpam, { netns, defer }: Sandbox): Promise<Lease> {
  const { attachment, conf } = request;
  const store = openHostStore(ipam.dataDir);
  const dns = resolverSettings(ipam);
  const creator = ownProcess();
  const subnets = poolSubnets(ipam);
  const asked = memorize(conf, subnets, conf.portMappings);
  const admit = (live: readonly Allocation[]): void => {
    refuseTakenPorts(request, familiesOf(ipam), live);
  };
  const { allocations, replaced } = await store.allocate({
    attachment,
    pool: ipam.pool,
    hostRoutes: () => readHostRoutes().filter(({ link }) => link !== conf.bridge),
    takenBy: othersOf(conf, attachment.containerID),
    requested: conf.requestedIPs,
    hostIfname: hostIfname(attachment),
    netns: { path: netns.path, id: netns.id },
    creator,
    data: encodeMemory(asked),
    ...(conf.portMappings.length === 0 ? {} : { admit }),
    ...(conf.containerName === undefined ? {} : { containerName: conf.containerName }),
    ...(conf.mac === undefined ? {} : { mac: conf.mac }),
  });
  // What an earlier attachment has stays its own as long as its link stands.
  defer('release the address', () => store.release(attachment, { creator, restore: replaced }));
  const addresses = allocations.map(fromAllocation);
  return {
    addresses,
    routes: ipam.routes,
    dns,
    subnets,
    memory: asked,
    isSuccessor: replaced.length > 0,
  };
}

/** The address after the network's own, where a delegated plugin names no gateway (reference bridge's rule). */
function firstHost(address: LeasedAddress): string | undefined {
  const cidr = parseCidr(subnetOf(address));
  return cidr === undefined ? undefined : formatAddress({ family: cidr.family, value: cidr.value + 1n });
}

function fromResult(result: Result, isGateway: boolean): readonly LeasedAddress[] {
  return result.ips.map((ip) => {
    const cidr = parseCidr(ip.address);
    const [text = ''] = ip.address.split('/');
    const parsed = parseAddress(text);
    const leased = {
      family: familyOf(ip.address),
      address: parsed === undefined ? text : formatAddress(parsed),
      prefix: cidr?.prefix ?? 32,
      gateway: ip.gateway,
    };
    return isGateway && leased.gateway === undefined ? { ...leased, gateway: firstHost(leased) } : leased;
  });
}

async function delegateReserve(request: Request, ipam: DelegatedIpam, { defer }: Sandbox): Promise<Lease> {
  // Before the call: a plugin that fails half-way may have kept the address.
  defer(`release the address of IPAM plugin "${ipam.type}"`, () => delegate(request, ipam, { verb: 'DEL' }));
  const result = await delegateAdd(request, ipam);
  const addresses = fromResult(result, request.conf.isGateway);
  const subnets = [...new Set(addresses.map(subnetOf))];
  const memory = memorize(request.conf, subnets, request.conf.portMappings);
  return { addresses, routes: result.routes, dns: result.dns, subnets, memory, isSuccessor: false };
}

interface Sandbox {
  readonly netns: Netns;
  readonly defer: Defer;
}

/** Gets the attachment its addresses, from flatnet's own pool or a delegated plugin, and defers giving them back. */
export async function obtainLease(request: Request, sandbox: Sandbox): Promise<Lease> {
  const { ipam } = request.conf;
  if (ipam.kind === 'builtin') {
    refuseUntold(
      request.conf,
      ipam.pool.sets.flatMap(([range]) => range?.family ?? []),
    );
  }
  const lease =
    ipam.kind === 'builtin'
      ? await reserve(request, ipam, sandbox)
      : await delegateReserve(request, ipam, sandbox);
  refuseUntold(
    request.conf,
    lease.addresses.map(({ family }) => family),
  );
  return { ...lease, routes: effectiveRoutes(lease, request.conf) };
}
