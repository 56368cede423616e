import type { Facts, NetworkFacts } from '../facts/facts.ts';
import { shellWord } from '../self.ts';
import { count } from '../text/format.ts';
import { check, type Finding } from './finding.ts';

const WARN_PERCENT = 80;

/** Whether a network that shares this state file has allocations: the file should exist then. */
function isMissed({ networks }: Facts, { state }: NetworkFacts): boolean {
  return networks.some(
    ({ network, state: { path }, allocations }) =>
      network.conf.ipam.from !== 'source' && path === state.path && allocations.length > 0,
  );
}

function checkFile(facts: Facts, one: NetworkFacts): Finding {
  const { state, network } = one;
  const { pass, warning, fail, skipped } = check('Addresses', 'state file');
  const { path, condition, allocations, problem, remedy } = state;
  if (problem !== undefined) {
    if (!facts.isRoot) return skipped(`only root can read ${path}`);
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
    return warning(
      `${path} was damaged or edited by hand; ${known} can be recovered from it and the kernel`,
      {
        ...rebuilt,
        effect: 'the next container start sets it aside and rebuilds it',
      },
    );
  if (condition === 'outdated')
    return warning(`${path} is outdated or was replaced; ${known} can be recovered from it and the kernel`, {
      ...rebuilt,
      effect: 'the next container start corrects it; the published ports stored in it are ignored',
    });
  if (!isMissed(facts, one)) return skipped(`${path} does not exist yet`);
  return warning(`${path} is missing; ${known} can be recovered from the kernel`, {
    ...rebuilt,
    effect: 'the next container start rebuilds it; until then "flatnet reload" restores no rules',
  });
}

function checkPool(facts: NetworkFacts): readonly Finding[] {
  const { pass, warning, fail } = check('Addresses', 'pool');
  const { network, size, subnets, used } = facts;
  if (network.conf.ipam.from === 'source') return [];
  const percent = size === 0n ? 0 : (used / Number(size)) * 100;
  const message = `${subnets.join(', ')}: ${used} of ${size} used (${percent.toFixed(0)} %)`;
  const more = {
    effect: 'new containers get no address once it is full',
    suggestion: `sudo flatnet ipam gc, or a larger subnet in ${network.path}`,
  };
  if (BigInt(used) >= size) return [fail(message, more)];
  return [percent >= WARN_PERCENT ? warning(message, more) : pass(message)];
}

function checkSetAside({ state }: NetworkFacts): readonly Finding[] {
  const newest = state.setAside.at(-1);
  if (newest === undefined) return [];
  return [
    check('Addresses', 'set aside').warning(
      `the state file was damaged ${count(state.setAside.length, 'time')}; the last copy is ${newest}`,
      // The glob needs a root shell: only root can enter the directory.
      {
        suggestion: `when you no longer need it: sudo sh -c ${shellWord(`rm ${shellWord(state.path)}.corrupt-*`)}`,
      },
    ),
  ];
}

/** A warning for host-local's files, which can outlive their container; a neighbour entry cannot. */
function checkOthers({ heldByOthers }: Facts): readonly Finding[] {
  const { pass, warning } = check('Addresses', 'held by others');
  const files = heldByOthers.filter(({ by }) => by.includes(' of host-local '));
  const neighbours = heldByOthers.filter((one) => !files.includes(one));
  const list = (held: typeof files) =>
    held.map(({ network, address, by }) => `${address} of "${network}" by ${by}`).join(', ');
  return [
    ...(neighbours.length === 0 ? [] : [pass(list(neighbours))]),
    ...(files.length === 0
      ? []
      : [
          warning(list(files), {
            effect: 'flatnet gives them to no container',
            suggestion:
              'stop these containers with the runtime that started them; if a container is gone, remove its file',
          }),
        ]),
  ];
}

function isFirstOfState(facts: Facts) {
  return (one: NetworkFacts, index: number) =>
    facts.networks.findIndex(({ state }) => state.path === one.state.path) === index;
}

export function checkAddresses(facts: Facts): readonly Finding[] {
  const own = facts.networks.filter(({ network }) => network.conf.ipam.from !== 'source');
  return [
    ...own
      .filter(isFirstOfState({ ...facts, networks: own }))
      .flatMap((one) => [checkFile(facts, one), ...checkSetAside(one)]),
    ...own.filter(({ state }) => state.condition !== 'unreadable').flatMap(checkPool),
    ...checkOthers(facts),
  ];
}
