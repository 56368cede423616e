import { type NetworkName, NETWORKS, type Port } from './networks.ts';
import type { Add, Operation } from './operations.ts';

/*
 * What somebody expects who only knows which calls were made and how they ended: which containers are attached where,
 * with which addresses and ports.
 */

/** An attachment that was made. */
export interface Attached {
  readonly container: string;
  readonly network: NetworkName;
  readonly ports: readonly Port[];
  readonly addresses: readonly string[];
  /** What its ADD printed: the prevResult of its CHECK. */
  readonly result: unknown;
  /** What was remembered of it was damaged since: nothing can bring back what the kernel loses of it. */
  isForgotten: boolean;
  /** The packet filter was flushed since. */
  isBare: boolean;
  /** Its bridge was deleted since. */
  isCut: boolean;
  /** Its port may be another's by now, or nobody's: it was lost beyond recall. */
  readonly given: Set<string>;
}

/** What is known of a host. */
export interface World {
  /** By triple, `n0/a`: those whose sandbox is there. */
  readonly live: Map<string, Attached>;
  /** Those whose sandbox is gone, without DEL. */
  readonly dead: Map<string, Attached & { isSwept?: boolean }>;
  /** Addresses that host-local has for an attachment from a former life of it, until its DEL; by triple. */
  readonly left: Map<string, readonly string[]>;
  /** Ports of the last ADD, by triple: what a runtime sends with DEL. */
  readonly asked: Map<string, readonly Port[]>;
  /** The last addresses, by triple, as long as nobody else had them. */
  readonly last: Map<string, readonly string[]>;
  /** Containers that have a sandbox. */
  readonly sandboxes: Set<string>;
  /** Data directories whose file was changed by somebody else, until the next ADD. */
  readonly doubtful: Set<string>;
  /** And ever since. */
  readonly damaged: Set<string>;
  /** A chain was flushed, until the next reload. */
  areChainsHurt: boolean;
  /** And until somebody publishes a port. */
  arePortsHurt: boolean;
}

/** A host on which nothing happened yet. */
export function newWorld(): World {
  return {
    live: new Map(),
    dead: new Map(),
    left: new Map(),
    asked: new Map(),
    last: new Map(),
    sandboxes: new Set(),
    doubtful: new Set(),
    damaged: new Set(),
    areChainsHurt: false,
    arePortsHurt: false,
  };
}

/** Name of an attachment: a container has one interface in a network. */
export function tripleOf({ container, network }: Pick<Add, 'container' | 'network'>): string {
  return `${network}/${container}`;
}

/** What is known now; what happens afterwards does not change it. */
export function copyOf({ live, dead, ...rest }: World): World {
  return { ...rest, live: new Map(live), dead: new Map(dead) };
}

/** The port of one family that a mapping takes, as the packet filter has it. */
export interface Claim {
  readonly map: string;
  readonly key: string;
  readonly protocol: string;
  readonly hostPort: number;
}

/** What a container's ports take of the host, in the families it has. */
export function claimsOf({ ports, addresses }: Pick<Attached, 'ports' | 'addresses'>): readonly Claim[] {
  const families = [...new Set(addresses.map((address) => (address.includes(':') ? 6 : 4)))];
  return ports.flatMap(({ hostPort, protocol, hostIP }) => {
    const base = { protocol, hostPort };
    if (hostIP === '127.0.0.1') {
      return families.includes(4)
        ? [{ ...base, map: 'bound4', key: `${protocol} ${hostIP} ${hostPort}` }]
        : [];
    }
    const wanted = hostIP === undefined ? families : families.filter((family) => family === 4);
    return wanted.map((family) => ({ ...base, map: `ports${family}`, key: `${protocol} ${hostPort}` }));
  });
}

/** As with bind(2): an address is part of all addresses. */
function isClash(one: Claim, other: Claim): boolean {
  const isSamePort = one.protocol === other.protocol && one.hostPort === other.hostPort;
  const isSameFamily = one.map.slice(-1) === other.map.slice(-1);
  return isSamePort && isSameFamily;
}

/** Why an ADD is refused; whether it has to be. */
export interface Reason {
  readonly what: string;
  readonly isCertain: boolean;
  /** The container that has the port. */
  readonly owner?: string;
}

/** What stands against an ADD. */
export function reasonsAgainst(add: Add, world: World): readonly Reason[] {
  const reasons: Reason[] = [];
  if (world.live.has(tripleOf(add))) reasons.push({ what: 'it is attached already', isCertain: true });
  // The families are those of the network.
  const addresses = NETWORKS[add.network].subnets;
  const claims = claimsOf({ ports: add.ports, addresses });
  for (const other of world.live.values()) {
    if (other.container === add.container) continue;
    const clash = claimsOf(other).find((theirs) => claims.some((ours) => isClash(ours, theirs)));
    if (clash === undefined) continue;
    const isCertain = !other.isBare && !other.isForgotten && !other.given.has(clash.key);
    reasons.push({ what: `${other.container} has ${clash.key}`, isCertain, owner: other.container });
  }
  return [...reasons, ...reasonsOfAddress(add, world)];
}

function reasonsOfAddress(add: Add, world: World): readonly Reason[] {
  const isOther = (one: Attached) => one.network === add.network && one.container !== add.container;
  const held = [...world.live.values()].filter(isOther);
  // host-local has no way to tell the dead.
  const isDelegated = NETWORKS[add.network].isDelegated === true;
  const taken = isDelegated ? [...held, ...[...world.dead.values()].filter(isOther)] : held;
  // It refuses whoever it has an address for: the runtime has to send the DEL first.
  const own = isDelegated && world.dead.has(tripleOf(add));
  const reasons: Reason[] = own ? [{ what: 'host-local has its old address', isCertain: false }] : [];
  const requested = requestedOf(add);
  const isLeft = requested !== undefined && [...world.left.values()].flat().includes(requested);
  if (isLeft) reasons.push({ what: `host-local has kept ${requested}`, isCertain: false });
  const isTaken = requested !== undefined && taken.some(({ addresses }) => addresses.includes(requested));
  return isTaken ? [...reasons, { what: `${requested} is taken`, isCertain: true }] : reasons;
}

/** The address that is asked for. */
export function requestedOf({ network, requested }: Add): string | undefined {
  return requested === undefined
    ? undefined
    : NETWORKS[network].subnets[0]?.replace(/\d+\/\d+$/, String(requested));
}

/** The address that the container must get back: nobody had it since. */
export function stickyOf(add: Add, world: World): readonly string[] | undefined {
  if (add.requested !== undefined || NETWORKS[add.network].isDelegated === true) return undefined;
  return world.last.get(tripleOf(add));
}

/** The container is attached. */
export function noteAdded(
  world: World,
  add: Add,
  result: { readonly ips: readonly { address: string }[] },
): void {
  const addresses = result.ips.map(({ address }) => address.replace(/\/\d+$/, ''));
  const triple = tripleOf(add);
  for (const [other, last] of world.last) {
    if (other !== triple && last.some((one) => addresses.includes(one))) world.last.delete(other);
  }
  world.last.set(triple, addresses);
  const { container, network, ports } = add;
  const former = world.dead.get(triple)?.addresses ?? [];
  if (NETWORKS[network].isDelegated === true) {
    world.left.set(triple, [...(world.left.get(triple) ?? []), ...former]);
  }
  world.dead.delete(triple);
  const attached = { container, network, ports, addresses, result, given: new Set<string>() };
  world.live.set(triple, { ...attached, isForgotten: false, isBare: false, isCut: false });
  world.doubtful.delete(NETWORKS[network].home);
  if (ports.length > 0) world.arePortsHurt = false;
  giveAway(world, attached);
}

/** What others had beyond recall may be this one's now. */
function giveAway(world: World, attached: Pick<Attached, 'container' | 'ports' | 'addresses'>): void {
  const claims = claimsOf(attached);
  for (const other of world.live.values()) {
    if (other.container === attached.container) continue;
    for (const theirs of claimsOf(other)) {
      if (claims.some((ours) => isClash(ours, theirs))) other.given.add(theirs.key);
    }
  }
}

/** The container's attachment is gone. */
export function noteDeleted(world: World, triple: string): void {
  world.live.delete(triple);
  world.dead.delete(triple);
  world.left.delete(triple);
}

function noteDamage(world: World, home: string): void {
  world.doubtful.add(home);
  world.damaged.add(home);
  for (const one of world.live.values()) if (NETWORKS[one.network].home === home) one.isForgotten = true;
  for (const triple of world.last.keys()) {
    if (NETWORKS[triple.slice(0, 2) as NetworkName].home === home) world.last.delete(triple);
  }
}

function noteReload(world: World): void {
  for (const one of world.live.values()) if (!one.isForgotten) one.isBare = false;
  for (const one of world.dead.values()) one.isSwept = true;
  world.areChainsHurt = false;
  world.arePortsHurt = false;
}

function noteCollected(world: World, network: NetworkName, without: string | undefined): void {
  for (const [triple, one] of world.live) {
    if (one.network === network && one.container === without) world.live.delete(triple);
  }
  for (const [triple, one] of world.dead) {
    one.isSwept = true;
    if (one.network === network) world.dead.delete(triple);
  }
}

/** What an operation does to a host, apart from what its calls answered. */
export function noteOperation(world: World, operation: Operation): void {
  const { live, dead } = world;
  switch (operation.do) {
    case 'die':
      for (const [triple, one] of live) {
        if (one.container !== operation.container) continue;
        live.delete(triple);
        dead.set(triple, one);
      }
      world.sandboxes.delete(operation.container);
      break;
    case 'reload':
      noteReload(world);
      break;
    case 'together':
      if (operation.lanes.flat().some((call) => call.do === 'reload')) noteReload(world);
      break;
    case 'collect':
      noteCollected(world, operation.network, operation.without);
      break;
    case 'restore':
    case 'lose':
    case 'flip':
      noteDamage(world, operation.home);
      break;
    case 'flush':
      for (const one of live.values()) one.isBare = true;
      break;
    case 'flush-chain':
      world.areChainsHurt = true;
      world.arePortsHurt = true;
      break;
    case 'cut':
      for (const one of live.values()) if (one.network === operation.network) one.isCut = true;
      break;
    case 'forget':
      for (const one of live.values()) if (NETWORKS[one.network].isDelegated === true) one.isForgotten = true;
      break;
    case 'add':
    case 'del':
    case 'check':
    case 'gc':
      break;
  }
}
