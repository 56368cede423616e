import { type Facts, isSeen, LOOKED_AT } from '../facts/facts.ts';
import type { Podman, PodmanContainer } from '../facts/podman.ts';
import { count } from '../text/format.ts';
import { isAtLeast } from '../../input/version.ts';
import { checkDriver } from './driver.ts';
import { check, type Finding } from './finding.ts';
import { checkUnread } from './unread.ts';

/** The command that makes Podman 4 use CNI. */
export const USE_CNI = `sudo mkdir -p /etc/containers/containers.conf.d && printf '[network]\\nnetwork_backend = "cni"\\n' | sudo tee /etc/containers/containers.conf.d/flatnet.conf`;

/** A Podman 4 that uses a netavark without drivers could use CNI. */
function isTrapped({ backend: { netavark } }: Facts, version: string): boolean {
  if (isAtLeast(version, [5, 0]) !== false) return false;
  return isAtLeast(version, [4, 5]) === false || netavark?.canRunDrivers === false;
}

function checkBackend(facts: Facts, podman: Podman): readonly Finding[] {
  const { version, networkBackend } = podman;
  const { pass, fail } = check('Podman', 'network backend');
  const { backend, directories, containersConf } = facts;
  if (networkBackend === 'cni') {
    const place = `Podman ${version} uses CNI; its networks are in ${directories.cni}`;
    return [pass(place), ...checkUnread(facts, podman)];
  }
  const netavark = backend.netavark?.version ?? '';
  const uses = networkBackend === 'netavark' ? `netavark ${netavark}`.trimEnd() : 'another backend';
  const message = `Podman ${version} uses ${uses}`;
  const from = containersConf.files.join(', ');
  if (networkBackend !== 'netavark' || isTrapped(facts, version)) {
    const where = from === '' ? '' : ` (${from})`;
    return [
      fail(`${message}, not CNI${where}: ${backend.why}; with it flatnet cannot be a driver`, {
        effect: 'Podman does not read the network: "network not found"',
        suggestion: USE_CNI,
      }),
    ];
  }
  return [
    pass(`${message}, because ${backend.why}; its networks are in ${directories.netavark}`),
    ...checkDriver(facts, version),
    ...checkUnread(facts, podman),
  ];
}

function checkConf(facts: Facts): readonly Finding[] {
  return facts.containersConf.broken.map((problem) =>
    check('Podman', 'containers.conf').fail(`cannot read ${problem}`, { effect: 'Podman does not start' }),
  );
}

function checkKnown(facts: Facts): readonly Finding[] {
  return Object.entries(facts.unknownToPodman).map(([name, said]) =>
    check('Podman', 'network').fail(
      `Podman does not list network "${name}"${said === '' ? '' : `: ${said.split('\n')[0] ?? ''}`}`,
      {
        effect: `podman run --network ${name} says "network not found"`,
        suggestion: `podman network inspect ${name}`,
      },
    ),
  );
}

function runningIn({ networks, containers }: Facts): readonly PodmanContainer[] {
  const names = networks.map(({ network }) => network.name);
  return containers.filter(
    (one) => one.state === 'running' && one.networks.some((network) => names.includes(network)),
  );
}

function withoutAddress(facts: Facts): readonly PodmanContainer[] {
  if (facts.networks.some(({ network }) => network.conf.ipam.from === 'source')) return [];
  const held = new Set(
    facts.networks.flatMap(({ allocations }) => allocations.map(({ containerID }) => containerID)),
  );
  return runningIn(facts).filter(({ id }) => !held.has(id));
}

/** Containers with an address whose veth pair is gone. */
function withoutLink(facts: Facts): readonly PodmanContainer[] {
  if (!isSeen(facts, 'links')) return [];
  const names = facts.networks.map(({ network }) => network.name);
  const dead = facts.networks
    .flatMap(({ state }) => state.dead)
    .filter(({ network }) => names.includes(network));
  return runningIn(facts).filter(({ id }) => dead.some(({ containerID }) => containerID === id));
}

function describeCutOff(what: string, containers: readonly PodmanContainer[]): readonly string[] {
  if (containers.length === 0) return [];
  return [`running without ${what}: ${containers.map(({ name }) => name).join(', ')}`];
}

function checkContainers(facts: Facts): readonly Finding[] {
  const { pass, fail } = check('Podman', 'containers');
  const number = runningIn(facts).length;
  const [bare, cut] = [withoutAddress(facts), withoutLink(facts)];
  const problems = [...describeCutOff('an address', bare), ...describeCutOff('its host interface', cut)];
  if (problems.length > 0) {
    return [
      fail(problems.join('; '), {
        effect: 'they are cut off from the network',
        suggestion: `sudo podman restart ${[...bare, ...cut].map(({ name }) => name).join(' ')}`,
      }),
    ];
  }
  return [
    pass(
      number === 0
        ? 'no container runs in these networks'
        : `${count(number, 'container')} running in these networks, each with an address`,
    ),
  ];
}

function checkAbsence(facts: Facts): Finding {
  const { fail, skipped } = check('Podman', 'network backend');
  const unseen = facts.unseen.find(({ what }) => what === LOOKED_AT.podman);
  if (unseen === undefined) return skipped('Podman is not installed');
  return fail(`Podman does not answer: ${unseen.why}`, {
    effect: 'no container starts on any network',
    suggestion: 'podman info',
  });
}

export function checkPodman(facts: Facts): readonly Finding[] {
  const { podman } = facts;
  if (!facts.isRoot) return [check('Podman', 'network backend').skipped("only root can query root's Podman")];
  if (podman === undefined) return [...checkConf(facts), checkAbsence(facts)];
  if (podman.isRootless) {
    return [
      check('Podman', 'network backend').warning('this is rootless Podman, which manages separate networks', {
        effect: 'flatnet serves the containers of root only',
        suggestion: 'sudo podman run --network flatnet ...',
      }),
    ];
  }
  return [
    ...checkConf(facts),
    ...checkBackend(facts, podman),
    ...checkKnown(facts),
    ...(facts.networks.length === 0 ? [] : checkContainers(facts)),
  ];
}
