import type { Allocation } from '../../ipam/types.ts';
import { type Facts, isSeen, type NetworkFacts } from '../facts/facts.ts';
import { shellWord } from '../self.ts';
import { count } from '../text/format.ts';
import { check, type Finding } from './finding.ts';

const WARN_PERCENT = 80;

/** Whether anybody has an address that should be in the file. */
function isMissed({ networks }: Facts, { state }: NetworkFacts): boolean {
  return networks.some(
    ({ network, state: { path }, allocations }) =>
      network.conf.ipam.kind === 'builtin' && path === state.path && allocations.length > 0,
  );
}

function checkFile(facts: Facts, one: NetworkFacts): Finding {
  const { state, network } = one;
  const { pass, warning, fail, skipped } = check('Addresses', 'state file');
  const { path, condition, allocations, problem, remedy } = state;
  if (problem !== undefined) {
    if (!facts.isRoot) return skipped(`${path} can be seen by root alone`);
    return fail(problem, {
      effect: 'no container of the network starts',
      ...(remedy === undefined ? {} : { suggestion: remedy }),
    });
  }
  const known = count(allocations.length, 'address');
  const rebuilt = {
    suggestion: 'sudo flatnet doctor --fix',
    fix: { kind: 'state-file', network: network.name },
  } as const;
  if (condition === 'intact') return pass(`${path}: ${known} in use`);
  if (condition === 'damaged')
    return warning(`${path} was damaged or edited by hand; ${known} can be told from it and the kernel`, {
      ...rebuilt,
      effect: 'the next container sets it aside and rebuilds it',
    });
  if (!isMissed(facts, one)) return skipped(`${path} is not there yet`);
  return warning(`${path} is not there; ${known} can be told from the kernel`, {
    ...rebuilt,
    effect: 'the next container rebuilds it; until then "flatnet reload" knows no rules',
  });
}

/** `10.87.1.3 (web1)`. */
export function describeAllocation({ address, containerName, containerID }: Allocation): string {
  return `${address} (${containerName ?? containerID.slice(0, 12)})`;
}

const SHOWN = 5;

function listed(allocations: readonly Allocation[]): string {
  const shown = allocations.slice(0, SHOWN).map(describeAllocation).join(', ');
  return allocations.length > SHOWN ? `${shown} and ${allocations.length - SHOWN} more` : shown;
}

/** A dead entry of a container that runs is the containers' matter: it has lost its interface. */
function checkDead({ containers, podman }: Facts, { state, network }: NetworkFacts): readonly Finding[] {
  const told = podman === undefined || podman.isRootless ? [] : containers;
  const running = new Set(told.filter((one) => one.state === 'running').map(({ id }) => id));
  const dead = state.dead.filter((one) => one.network === network.name && !running.has(one.containerID));
  if (dead.length === 0) return [];
  return [
    check('Addresses', 'dead entries').warning(
      `${count(dead.length, 'address')} of "${network.name}" held by no container any more: ${listed(dead)}`,
      {
        effect: 'none: they are freed when the pool runs out or somebody asks for them',
        suggestion: 'sudo flatnet ipam gc',
        fix: { kind: 'dead-entries', network: network.name },
      },
    ),
  ];
}

/** Share of a pool that is in use, in percent. */
export function usedPercent({ size, allocations }: Pick<NetworkFacts, 'size' | 'allocations'>): number {
  return size === 0n ? 0 : (allocations.length / Number(size)) * 100;
}

function checkPool(facts: NetworkFacts): readonly Finding[] {
  const { pass, warning, fail } = check('Addresses', 'pool');
  const { network, size, subnets, used } = facts;
  if (network.conf.ipam.kind !== 'builtin') return [];
  const percent = size === 0n ? 0 : (used / Number(size)) * 100;
  const message = `${subnets.join(', ')}: ${used} of ${size} used (${percent.toFixed(0)} %)`;
  const more = {
    effect: 'new containers get no address once it is full',
    suggestion: `sudo flatnet ipam gc, or a larger subnet in ${network.path}`,
  };
  if (BigInt(used) >= size) return [fail(message, more)];
  return [percent >= WARN_PERCENT ? warning(message, more) : pass(message)];
}

/** Addresses whose host veth lives while Podman knows no such container: conmon and container were killed. */
function checkOrphans(facts: Facts, { allocations, state, network }: NetworkFacts): readonly Finding[] {
  if (facts.podman === undefined || facts.podman.isRootless) return [];
  const known = new Set(facts.containers.map(({ id }) => id));
  const isPodmans = (id: string) => /^[0-9a-f]{64}$/.test(id);
  const orphans = allocations.filter(
    (one) => isPodmans(one.containerID) && !known.has(one.containerID) && !state.dead.includes(one),
  );
  if (orphans.length === 0) return [];
  return [
    check('Addresses', 'orphans').warning(
      `${count(orphans.length, 'address')} of "${network.name}" held by a container Podman does not know: ${listed(orphans)}`,
      {
        effect:
          'the address stays taken as long as the interface is there (another engine, or a killed Podman)',
        suggestion: orphans
          .map(({ hostIfname }) => `sudo ip link del ${hostIfname ?? ''}`)
          .slice(0, SHOWN)
          .join('; '),
      },
    ),
  ];
}

/** Containers whose state was lost: their rules stand for as long as nobody takes them away. */
function checkForgotten(facts: Facts, { state, network, rules }: NetworkFacts): readonly Finding[] {
  const forgotten = state.forgotten.filter((one) => one.network === network.name);
  if (forgotten.length === 0) return [];
  const { warning, fail } = check('Addresses', 'forgotten rules');
  const lost = rules?.lost ?? [];
  const what = `published ports and other rules of ${listed(forgotten)} are not remembered: their state was lost and rebuilt from their links`;
  const suggestion = restartOf(facts, forgotten);
  if (lost.length === 0)
    return [
      warning(what, {
        effect: 'what is missing of them is not noticed, and "flatnet reload" cannot put it back',
        suggestion,
      }),
    ];
  return [fail(`${lost.join('; ')}; ${what}`, { effect: 'published ports do not answer', suggestion })];
}

/** Podman's present names win; what it does not know is another engine's. */
function restartOf({ containers }: Facts, allocations: readonly Allocation[]): string {
  const names = allocations.flatMap(({ containerID }) => {
    const known = containers.find(({ id }) => id === containerID);
    return known === undefined ? [] : [known.name];
  });
  return names.length === 0
    ? 'restart these containers'
    : `sudo podman restart ${[...new Set(names)].join(' ')}`;
}

function checkSetAside({ state }: NetworkFacts): readonly Finding[] {
  const newest = state.setAside.at(-1);
  if (newest === undefined) return [];
  return [
    check('Addresses', 'set aside').warning(
      `the state file was damaged ${count(state.setAside.length, 'time')}; the last copy is ${newest}`,
      // Only root can enter the directory, so a glob has to be expanded by a shell of root.
      {
        suggestion: `when you have seen enough of it: sudo sh -c ${shellWord(`rm ${shellWord(state.path)}.corrupt-*`)}`,
      },
    ),
  ];
}

function isFirstOfState(facts: Facts) {
  return (one: NetworkFacts, index: number) =>
    facts.networks.findIndex(({ state }) => state.path === one.state.path) === index;
}

/** Checks of the allocations and of the file they are kept in. */
export function checkAddresses(facts: Facts): readonly Finding[] {
  const own = facts.networks.filter(({ network }) => network.conf.ipam.kind === 'builtin');
  // Which holders are dead is told by the links.
  const alive = isSeen(facts, 'links') ? own : [];
  return [
    ...own
      .filter(isFirstOfState({ ...facts, networks: own }))
      .flatMap((one) => [checkFile(facts, one), ...checkSetAside(one)]),
    ...own.filter(({ state }) => state.condition !== 'unreadable').flatMap(checkPool),
    ...alive.flatMap((one) => [
      ...checkDead(facts, one),
      ...checkForgotten(facts, one),
      ...checkOrphans(facts, one),
    ]),
  ];
}
