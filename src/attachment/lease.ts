import { type Lease, subnetOf } from './leased.ts';
import { uninterrupted } from '../sys/context.ts';
import {
  type AttachedAddress,
  type DNS,
  familiesOf,
  type Job,
  type PoolIpam,
  type SourcedAddresses,
  type SourceIpam,
} from './spec.ts';
import { describeSubnet, rangeOf } from '../ipam/range.ts';
import type { Allocation, Pool } from '../ipam/types.ts';
import { formatAddress, parseAddress, parseCidr, familyOf, splitPrefix } from '../input/address.ts';
import type { Defer } from './rollback.ts';
import type { Netns } from '../sys/netns.ts';
import { ownProcess } from '../sys/proc.ts';
import { readHostRoutes } from '../sys/routes.ts';
import { hostIfname } from '../veth/name.ts';
import { readResolvConf } from './resolver.ts';
import { openHostStore } from './store.ts';
import { effectiveRoutes } from './lease-routes.ts';
import { encodeIntent, intentOf } from './intent.ts';
import { othersOf } from './others.ts';
import { refuseTakenPorts } from './ports.ts';

function fromAllocation({ address, prefix, gateway }: Allocation): AttachedAddress {
  return { family: familyOf(address), address, prefix, gateway };
}

function poolSubnets(ipam: PoolIpam): readonly string[] {
  return [...new Set(ipam.pool.sets.flat().map(describeSubnet))];
}

function resolverSettings({ dns, resolvConf }: PoolIpam): DNS {
  return resolvConf === undefined || Object.keys(dns).length > 0 ? dns : readResolvConf(resolvConf);
}

/** A range set for each of several requested addresses of one. */
function withRoomFor(pool: Pool, requested: readonly string[]): Pool {
  const addresses = requested.flatMap((text) => parseAddress(text) ?? []);
  const sets = pool.sets.flatMap((set) => {
    const own = addresses.filter((address) => rangeOf(set, address) !== undefined);
    return own.length > 1 ? own.map(() => set) : [set];
  });
  return { ...pool, sets };
}

/** If the caller has chosen, each requested address becomes one range set, and no others are allocated. */
function poolFor({ from, pool, givesAllRequested }: PoolIpam, requested: readonly string[]): Pool {
  if (from === 'pool') return givesAllRequested === true ? withRoomFor(pool, requested) : pool;
  const ranges = pool.sets.flat();
  const found = requested.map((text) => {
    const address = parseAddress(text);
    return address === undefined ? undefined : rangeOf(ranges, address);
  });
  // All ranges refuse an address outside them: keep the pool, so that the message names its subnets.
  return found.includes(undefined)
    ? pool
    : { ...pool, sets: found.flatMap((range) => (range === undefined ? [] : [[range]])) };
}

async function reserve(job: Job, ipam: PoolIpam, { netns, defer }: Sandbox): Promise<Lease> {
  const { attachment, network, spec, ctx } = job;
  // Not interrupted: the undo releases the address through the same store.
  const store = openHostStore(ipam.dataDir, uninterrupted(ctx));
  const dns = resolverSettings(ipam);
  const creator = ownProcess();
  const subnets = poolSubnets(ipam);
  const asked = intentOf(job, subnets);
  const admit = (live: readonly Allocation[]): void => {
    refuseTakenPorts(job, familiesOf(ipam), live);
  };
  const { allocations, replaced } = await store.allocate({
    attachment,
    pool: poolFor(ipam, spec.requestedIPs),
    hostRoutes: () => readHostRoutes().filter(({ link }) => link !== network.bridge),
    takenBy: othersOf(network, spec, ctx),
    requested: spec.requestedIPs,
    hostIfname: hostIfname(attachment),
    netns: { path: netns.path, id: netns.id },
    creator,
    data: encodeIntent(asked),
    ...(spec.portMappings.length === 0 ? {} : { admit }),
    ...(spec.containerName === undefined ? {} : { containerName: spec.containerName }),
    ...(spec.mac === undefined ? {} : { mac: spec.mac }),
  });
  // `restore`: an earlier attachment keeps its addresses as long as its link exists.
  defer('release the address', () => store.release(attachment, { creator, restore: replaced }));
  const addresses = allocations.map(fromAllocation);
  return {
    addresses,
    routes: ipam.routes,
    dns,
    subnets,
    intent: asked,
    isSuccessor: replaced.length > 0,
    time: allocations[0]?.time,
  };
}

/** The address after the network's own: the reference bridge's gateway if a delegated plugin names none. */
function firstHost(address: AttachedAddress): string | undefined {
  const cidr = parseCidr(subnetOf(address));
  return cidr === undefined ? undefined : formatAddress({ family: cidr.family, value: cidr.value + 1n });
}

function fromSource(ips: SourcedAddresses['ips'], isGateway: boolean): readonly AttachedAddress[] {
  return ips.map((ip) => {
    const cidr = parseCidr(ip.address);
    const { address: text } = splitPrefix(ip.address);
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

async function reserveAtSource(job: Job, ipam: SourceIpam, { defer }: Sandbox): Promise<Lease> {
  const { network, ctx } = job;
  // Before the call: a source that fails half-way may have kept the address.
  defer(`release the address of ${ipam.name}`, (undoCtx) => ipam.release(undoCtx));
  const { ips, routes, dns } = await ipam.allocate(ctx);
  const addresses = fromSource(ips, network.isGateway);
  const subnets = [...new Set(addresses.map(subnetOf))];
  return { addresses, routes, dns, subnets, intent: intentOf(job, subnets), isSuccessor: false };
}

interface Sandbox {
  readonly netns: Netns;
  readonly defer: Defer;
}

/** Allocates from flatnet's pool or from a source, and defers the release. */
export async function obtainLease(job: Job, sandbox: Sandbox): Promise<Lease> {
  const { network, spec } = job;
  const { ipam } = network;
  if (ipam.from !== 'source') spec.admit?.(ipam.pool.sets.flatMap(([range]) => range?.family ?? []));
  const lease =
    ipam.from !== 'source' ? await reserve(job, ipam, sandbox) : await reserveAtSource(job, ipam, sandbox);
  spec.admit?.(lease.addresses.map(({ family }) => family));
  return { ...lease, routes: effectiveRoutes(lease, network) };
}
