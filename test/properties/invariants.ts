import type { HostLink, Kernel, PortElement } from './kernel.ts';
import { type Attached, type Claim, claimsOf, type World } from './model.ts';
import { containerPort, HOMES, ifnameOf, NETWORKS, type NetworkName } from './networks.ts';

/*
 * What has to be true after every step, of the kernel and of the state files.
 */

/** The sections of an allocations.json; `undefined` where there is none, `null` where that cannot be read. */
export type StateFile = { readonly allocations: Readonly<Record<string, any>> } | null | undefined;

/** All that is looked at. */
export interface Sight {
  readonly world: World;
  readonly kernel: Kernel;
  /** By data directory. */
  readonly files: ReadonlyMap<string, StateFile>;
}

const name = ({ container, network }: Attached): string => `${container} on ${network}`;

/** Triples as links carry them. */
function linkTriple({ container, network }: Attached): string {
  return `${network}/${container}/${ifnameOf(network)}`;
}

/** Host links are those of the attachments, each once. */
function judgeLinks({ world, kernel }: Sight): string[] {
  const live = [...world.live.values()];
  const wanted = new Set(live.map(linkTriple));
  const found = kernel.links.map(({ triple }) => triple);
  const strange = kernel.links.filter(({ triple }) => !wanted.has(triple));
  return [
    ...strange.map((link) => `link ${link.name} (${link.triple}) belongs to no live attachment`),
    ...live
      .filter((one) => found.filter((triple) => triple === linkTriple(one)).length !== 1)
      .map((one) => `${name(one)} has not one host link`),
  ];
}

/** Sandboxes have what ADD said, and no two the same. */
function judgeAddresses({ world, kernel }: Sight): string[] {
  const live = [...world.live.values()];
  const wrong = live.flatMap((one) => {
    const inside = kernel.addresses.get(`${one.container} ${ifnameOf(one.network)}`) ?? [];
    const isSame = inside.toSorted().join() === one.addresses.toSorted().join();
    return isSame
      ? []
      : [`${name(one)} was given ${one.addresses.join()} and has ${inside.join() || 'nothing'}`];
  });
  const holders = Map.groupBy(
    live.flatMap((one) => one.addresses.map((address) => ({ one, address }))),
    ({ address }) => address,
  );
  const shared = [...holders].filter(([, holding]) => holding.length > 1);
  return [
    ...wrong,
    ...shared.map(
      ([address, holding]) => `${address} is of ${holding.map(({ one }) => name(one)).join(' and ')}`,
    ),
  ];
}

const describe = ({ map, key, address, port }: PortElement): string =>
  `${map} { ${key} : ${address} . ${port} }`;

/** No port leads to somebody who did not ask for it. */
function judgeElement(element: PortElement, { world, kernel }: Sight): string[] {
  const holds = ({ addresses }: Attached): boolean => addresses.includes(element.address);
  const asks = (one: Attached): boolean =>
    claimsOf(one).some(({ map, key }) => map === element.map && key === element.key) &&
    element.port === containerPort(one.container);
  const holder = [...world.live.values()].find(holds);
  if (holder === undefined) {
    const isLeft = [...world.dead.values()].some((one) => one.isSwept !== true && holds(one) && asks(one));
    return isLeft ? [] : [`${describe(element)} leads to nobody`];
  }
  if (!asks(holder)) return [`${describe(element)} leads to ${name(holder)}, which did not ask for it`];
  const owner = kernel.links.find((link: HostLink) => link.name === element.owner);
  return owner?.triple === linkTriple(holder)
    ? []
    : [`${describe(element)} bears the name "${element.owner}", and leads to ${name(holder)}`];
}

/** Where packets for a claimed port go: what is bound to an address goes before. */
function judgeClaim(
  one: Attached,
  { map, key, protocol, hostPort }: Claim,
  { world, kernel }: Sight,
): string[] {
  const leads = (element: PortElement): boolean =>
    [...world.live.values()].some(
      (other) => other.container === one.container && other.addresses.includes(element.address),
    );
  const what = `${map} { ${key} } of ${name(one)}`;
  const element = kernel.elements.find((other) => other.map === map && other.key === key);
  const bound = map.startsWith('bound')
    ? []
    : kernel.elements.filter(
        (other) =>
          other.map === map.replace('ports', 'bound') &&
          other.key.startsWith(`${protocol} `) &&
          other.key.endsWith(` ${hostPort}`),
      );
  const shadow = bound.find((other) => !leads(other));
  const isExcused = one.isBare || one.given.has(key);
  if (element === undefined) return isExcused ? [] : [`${what} is not published`];
  if (!leads(element)) return isExcused ? [] : [`${what} leads to ${element.address}`];
  if (shadow !== undefined) return [`${what} is hidden by ${describe(shadow)}`];
  const isLookedAt = world.arePortsHurt || one.isBare || kernel.consulted.has(map);
  return isLookedAt ? [] : [`${what} is in a map that no rule looks at`];
}

function judgePorts(sight: Sight): string[] {
  const live = [...sight.world.live.values()];
  return [
    ...sight.kernel.elements.flatMap((element) => judgeElement(element, sight)),
    ...live.flatMap((one) => claimsOf(one).flatMap((claim) => judgeClaim(one, claim, sight))),
  ];
}

/** The network of an entry: `n0/10.80.0.2`. */
const networkOf = (key: string): NetworkName => key.slice(0, 2) as NetworkName;

/** Each data directory has the entries of its own networks. */
function judgeFile(home: string, file: StateFile, { world }: Sight): string[] {
  const isDoubtful = world.doubtful.has(home);
  if (file === null) return isDoubtful ? [] : [`${home} has a file that cannot be read`];
  const entries = Object.entries(file?.allocations ?? {});
  const strange = entries.filter(([key]) => !isDoubtful && NETWORKS[networkOf(key)].home !== home);
  const live = [...world.live.values()].filter(({ network }) => NETWORKS[network].home === home);
  const missing = live.flatMap((one) =>
    one.addresses
      .filter((address) => {
        const entry = file?.allocations[`${one.network}/${address}`];
        return !isDoubtful && entry?.containerID !== one.container;
      })
      .map((address) => `${home} has no entry for ${address} of ${name(one)}`),
  );
  return [
    ...strange.map(([key]) => `${home} has an entry ${key}`),
    ...missing,
    ...judgeLeft(home, entries, world),
  ];
}

/** What a DEL has released is not there any more; a file that was damaged may say what it likes about the dead. */
function judgeLeft(home: string, entries: readonly [string, any][], world: World): string[] {
  if (world.damaged.has(home)) return [];
  return entries
    .filter(([key, { containerID }]) => {
      const triple = `${networkOf(key)}/${containerID}`;
      return NETWORKS[networkOf(key)].home === home && !world.live.has(triple) && !world.dead.has(triple);
    })
    .map(([key, { containerID }]) => `${home} has an entry ${key} of ${containerID}, which is gone`);
}

/** Everything that is wrong. */
export function judge(sight: Sight): readonly string[] {
  return [
    ...judgeLinks(sight),
    ...judgeAddresses(sight),
    ...judgePorts(sight),
    ...HOMES.flatMap((home) => judgeFile(home, sight.files.get(home), sight)),
  ];
}

/** What is left after DEL of everything. */
export function judgeEnd({ kernel, files }: Sight, leftovers: readonly string[]): readonly string[] {
  return [
    ...kernel.links.map((link) => `link ${link.name} (${link.triple}) is left`),
    ...kernel.elements.map((element) => `${describe(element)} is left`),
    ...[...kernel.owners].map((owner) => `an element of ${owner} is left`),
    ...[...files].flatMap(([home, file]) =>
      Object.keys(file?.allocations ?? {}).map((key) => `${home} has an entry ${key} left`),
    ),
    ...leftovers.map((path) => `${path} is left`),
  ];
}
