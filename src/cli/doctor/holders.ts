import type { Allocation } from '../../ipam/types.ts';
import { type Facts, isSeen, type NetworkFacts } from '../facts/facts.ts';
import { undescribed } from '../facts/hidden.ts';
import { describeDirectories } from '../network/host-network.ts';
import { nameOrId } from '../text/container.ts';
import { count } from '../text/format.ts';
import { isOccupied, mayDeleteLink } from './deletion.ts';
import { check, type Finding } from './finding.ts';
import { restartOf } from './restart.ts';

export function describeAllocation(allocation: Allocation): string {
  return `${allocation.address} (${nameOrId(allocation)})`;
}

const SHOWN = 5;

function listed(allocations: readonly Allocation[]): string {
  const shown = allocations.slice(0, SHOWN).map(describeAllocation).join(', ');
  return allocations.length > SHOWN ? `${shown} and ${allocations.length - SHOWN} more` : shown;
}

/** Skips running containers: the check of Podman's containers reports those without an interface. */
function checkDead({ containers, podman }: Facts, { state, network }: NetworkFacts): readonly Finding[] {
  const told = podman === undefined || podman.isRootless ? [] : containers;
  const running = new Set(told.filter((one) => one.state === 'running').map(({ id }) => id));
  const dead = state.dead.filter((one) => one.network === network.name && !running.has(one.containerID));
  if (dead.length === 0) return [];
  return [
    check('Addresses', 'dead entries').warning(
      `${count(dead.length, 'address')} of "${network.name}" left by containers that are gone: ${listed(dead)}`,
      {
        effect: 'none: they are freed when the pool runs out or a container requests one',
        suggestion: 'sudo flatnet ipam gc',
        fix: { kind: 'dead-entries', network: network.name },
      },
    ),
  ];
}

/** Containers of another engine, or of a Podman with another storage. */
function describeOthers(network: string, others: readonly Allocation[]): Finding {
  return check('Addresses', 'other engines').pass(
    `${count(others.length, 'address')} of "${network}" held by running containers that this Podman does not know: ${listed(others)}; ` +
      'another engine runs them, or a Podman with other settings (CONTAINERS_CONF, CONTAINERS_STORAGE_CONF)',
  );
}

function describeOrphans(facts: Facts, network: string, orphans: readonly Allocation[]): Finding {
  const links = orphans
    .flatMap(({ hostIfname }) => hostIfname ?? [])
    .filter((link) => mayDeleteLink(facts, link));
  const commands = [...new Set(links)].map((link) => `sudo ip link del ${link}`).slice(0, SHOWN);
  return check('Addresses', 'orphans').warning(
    `${count(orphans.length, 'address')} of "${network}" held by a container Podman does not know: ${listed(orphans)}`,
    {
      effect:
        'the address stays taken while the interface exists (another engine, or a Podman that was killed)',
      suggestion:
        commands.length === 0
          ? 'remove these containers with the engine that runs them'
          : commands.join('; '),
    },
  );
}

/** Without a process in their namespaces and unknown to Podman, nobody will ask for their removal. */
function describeAbandoned(network: string, abandoned: readonly Allocation[]): Finding {
  return check('Addresses', 'orphans').warning(
    `${count(abandoned.length, 'address')} of "${network}" held by a container that is gone, which Podman does not detach: ${listed(abandoned)}`,
    {
      effect:
        'the address and its published ports stay taken (Podman was killed while it started the container, and removed it later)',
      suggestion: 'sudo flatnet ipam gc',
      fix: { kind: 'abandoned', network },
    },
  );
}

/** Addresses whose host veth exists while Podman does not know the container. */
function checkOrphans(facts: Facts, { allocations, state, network }: NetworkFacts): readonly Finding[] {
  if (facts.podman === undefined || facts.podman.isRootless || !isSeen(facts, 'containers')) return [];
  const known = new Set(facts.containers.map(({ id }) => id));
  const isPodmans = (id: string) => /^[0-9a-f]{64}$/.test(id);
  const unknown = allocations.filter(
    (one) => isPodmans(one.containerID) && !known.has(one.containerID) && !state.dead.includes(one),
  );
  const keys = new Set(facts.abandoned.map((one) => `${one.network}/${one.address}`));
  const abandoned = unknown.filter((one) => keys.has(`${one.network}/${one.address}`));
  const running = unknown.filter((one) => isOccupied(facts, one) === true);
  const orphans = unknown.filter((one) => !running.includes(one) && !abandoned.includes(one));
  return [
    ...(abandoned.length > 0 ? [describeAbandoned(network.name, abandoned)] : []),
    ...(running.length > 0 ? [describeOthers(network.name, running)] : []),
    ...(orphans.length > 0 ? [describeOrphans(facts, network.name, orphans)] : []),
  ];
}

/** Containers whose state was lost: their rules work until something removes them. */
function checkForgotten(facts: Facts, { state, network, rules }: NetworkFacts): readonly Finding[] {
  const forgotten = state.forgotten.filter((one) => one.network === network.name);
  if (forgotten.length === 0) return [];
  const { warning, fail } = check('Addresses', 'forgotten rules');
  const lost = rules?.lost ?? [];
  const what = `the published ports and other rules of ${listed(forgotten)} are unknown: their state was lost and rebuilt from the links`;
  const suggestion = restartOf(
    facts,
    forgotten.map(({ containerID }) => containerID),
  );
  if (lost.length === 0)
    return [
      warning(what, {
        effect: 'a missing rule goes unnoticed, and "flatnet reload" cannot restore it',
        suggestion,
      }),
    ];
  const more = lost.length > SHOWN ? ` and ${lost.length - SHOWN} more` : '';
  return [
    fail(`${lost.slice(0, SHOWN).join('; ')}${more}; ${what}`, {
      effect: 'published ports do not answer',
      suggestion,
    }),
  ];
}

/** Addresses of networks that no file defines. */
function checkUndescribed(facts: Facts): readonly Finding[] {
  // An unreadable file is reported by another check.
  if (facts.files.some((file) => file.kind === 'broken' && file.isOurs)) return [];
  const dead = new Set(facts.states.flatMap((state) => state.dead));
  const byNetwork = Object.groupBy(undescribed(facts), ({ network }) => network);
  return Object.entries(byNetwork).flatMap(([name, all = []]) => {
    const live = all.filter((one) => !dead.has(one));
    const { warning } = check('Addresses', 'networks');
    if (live.length === 0) {
      return [
        warning(`${count(all.length, 'address')} left over from network "${name}": ${listed(all)}`, {
          effect: 'none: no container runs there, and no file defines the network any more',
          suggestion: 'sudo flatnet ipam gc',
        }),
      ];
    }
    return [
      warning(
        `no file in ${describeDirectories(facts.directories)} defines network "${name}": ${listed(live)}`,
        {
          effect: 'its containers cannot restart: "network not found"',
          suggestion: `name a network in ${describeDirectories(facts.directories)} "${name}" again, or recreate these containers on another network`,
        },
      ),
    ];
  });
}

export function checkHolders(facts: Facts): readonly Finding[] {
  // Only the links tell dead holders from live ones.
  if (!isSeen(facts, 'links')) return [];
  const own = facts.networks.filter(({ network }) => network.conf.ipam.from !== 'source');
  return [
    ...own.flatMap((one) => [
      ...checkDead(facts, one),
      ...checkForgotten(facts, one),
      ...checkOrphans(facts, one),
    ]),
    ...checkUndescribed(facts),
  ];
}
