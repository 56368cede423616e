import { type Facts, LOOKED_AT } from '../facts/facts.ts';
import type { Podman } from '../facts/podman.ts';
import { count } from '../text/format.ts';
import { check, type Finding } from './finding.ts';

const USE_CNI = `sudo mkdir -p /etc/containers/containers.conf.d && printf '[network]\\nnetwork_backend = "cni"\\n' | sudo tee /etc/containers/containers.conf.d/flatnet.conf`;

function checkBackend(facts: Facts, podman: Podman): Finding {
  const { pass, fail } = check('Podman', 'network backend');
  const { version, networkBackend } = podman;
  if (networkBackend === 'cni') return pass(`Podman ${version} uses CNI`);
  const effect = 'Podman does not read the network: "network not found"';
  const message = `Podman ${version} uses ${networkBackend === '' ? 'another backend' : networkBackend}, not CNI`;
  if (Number(version.split('.')[0]) >= 5) {
    return fail(`${message}; releases from 5 on have no CNI`, {
      effect,
      suggestion: 'use Podman 4 with network_backend = "cni"',
    });
  }
  const from = facts.containersConf.files.join(', ');
  return fail(from === '' ? message : `${message} (${from})`, { effect, suggestion: USE_CNI });
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

/** Running containers of our networks that have no address: started before a reboot of the network, or by force. */
function checkContainers(facts: Facts): readonly Finding[] {
  const { pass, fail } = check('Podman', 'containers');
  const names = facts.networks.map(({ network }) => network.name);
  const running = facts.containers.filter(
    ({ state, networks }) => state === 'running' && networks.some((network) => names.includes(network)),
  );
  const held = new Set(
    facts.networks.flatMap(({ allocations }) => allocations.map(({ containerID }) => containerID)),
  );
  const builtin = facts.networks.every(({ network }) => network.conf.ipam.kind === 'builtin');
  const bare = builtin ? running.filter(({ id }) => !held.has(id)) : [];
  if (bare.length === 0)
    return [
      pass(
        running.length === 0
          ? 'none runs in these networks'
          : `${count(running.length, 'container')} running in these networks, each with an address`,
      ),
    ];
  return [
    fail(`running without an address: ${bare.map(({ name }) => name).join(', ')}`, {
      effect: 'they cannot be reached',
      suggestion: `sudo podman restart ${bare.map(({ name }) => name).join(' ')}`,
    }),
  ];
}

function explainAbsence(facts: Facts): Finding {
  const { fail, skipped } = check('Podman', 'network backend');
  const unseen = facts.unseen.find(({ what }) => what === LOOKED_AT.podman);
  if (unseen === undefined) return skipped('Podman is not installed');
  return fail(`Podman does not answer: ${unseen.why}`, {
    effect: 'no container starts, whatever its network',
    suggestion: 'podman info',
  });
}

/** Checks of Podman, as far as it is what runs the containers. */
export function checkPodman(facts: Facts): readonly Finding[] {
  const { podman } = facts;
  if (!facts.isRoot)
    return [check('Podman', 'network backend').skipped("root's Podman is not asked without root")];
  if (podman === undefined) return [...checkConf(facts), explainAbsence(facts)];
  if (podman.isRootless) {
    return [
      check('Podman', 'network backend').warning('this is rootless Podman, which has networks of its own', {
        effect: 'flatnet serves the containers of root only',
        suggestion: 'sudo podman run --network flatnet ...',
      }),
    ];
  }
  return [
    ...checkConf(facts),
    checkBackend(facts, podman),
    ...checkKnown(facts),
    ...(facts.networks.length === 0 ? [] : checkContainers(facts)),
  ];
}
