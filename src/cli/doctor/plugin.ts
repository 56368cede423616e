import { type Facts, isSeen } from '../facts/facts.ts';
import type { LogLine } from '../facts/log.ts';
import type { FlatnetNetwork } from '../../cni/conflist.ts';
import { describeDirectories, type HostFile, isOfCni } from '../network/host-network.ts';
import { describeBroken, editing, isMisspelt, suspectsAmong, wordsOf } from '../network/suspect.ts';
import { nameOrId } from '../text/container.ts';
import { count } from '../text/format.ts';
import { check, type Finding } from './finding.ts';
import { checkVersions } from './versions.ts';

const REINSTALL = 'sudo flatnet install';

function checkExecutable(facts: Facts): readonly Finding[] {
  const { pass, warning, fail, skipped } = check('Plugin', 'executable');
  const [first, ...others] = facts.plugins;
  const effect = 'Podman says "network not found", and no container of the network starts';
  if (first === undefined) {
    // Podman 5 needs the driver, which is a check of its own.
    if (facts.backend.inUse === 'netavark' && !facts.networks.some(({ network }) => isOfCni(network))) {
      return [skipped(`no network of CNI, and no flatnet in ${facts.pluginDirectories.join(', ')}`)];
    }
    return [
      fail(`there is no flatnet in ${facts.pluginDirectories.join(', ')}`, { effect, suggestion: REINSTALL }),
    ];
  }
  const findings = [first, ...others].map(({ path, isExecutable, problem, supportedVersions }) => {
    if (!isExecutable) {
      return fail(`${path} is not executable`, {
        effect,
        suggestion: `sudo chmod 755 ${path}`,
        fix: { kind: 'executable-bit', path } as const,
      });
    }
    if (problem !== undefined) {
      return fail(`${path} does not answer VERSION: ${problem}`, { effect, suggestion: REINSTALL });
    }
    return pass(`${path} supports CNI ${supportedVersions[0] ?? ''} to ${supportedVersions.at(-1) ?? ''}`);
  });
  if (others.length === 0) return findings;
  const used = first.path;
  return [
    ...findings,
    warning(`there are ${facts.plugins.length} copies; runtimes use ${used}`, {
      suggestion: `remove the others: ${others.map(({ path }) => path).join(' ')}`,
    }),
  ];
}

/** What a check of a network's file is called. */
function nameFor(path: string): 'conflist' | 'network file' {
  return path.endsWith('.json') ? 'network file' : 'conflist';
}

function checkBroken(facts: Facts): readonly Finding[] {
  return facts.files.flatMap((file) => {
    if (file.kind !== 'broken') return [];
    const { warning, fail } = check('Plugin', nameFor(file.path));
    const more = {
      effect:
        nameFor(file.path) === 'conflist'
          ? 'runtimes ignore the file: "network not found"'
          : 'Podman does not know the network, or no container of it starts',
      suggestion: editing(file.path),
    };
    return [file.isOurs ? fail(describeBroken(file), more) : warning(describeBroken(file), more)];
  });
}

/** A misspelt type; without any network, also another type under our name. */
function checkTypes({ files, networks }: Facts): readonly Finding[] {
  const others = files.filter(
    (file) => file.kind === 'other' && (networks.length === 0 || wordsOf(file).some(isMisspelt)),
  );
  return suspectsAmong(others).map(({ why, remedy, path }) =>
    check('Plugin', nameFor(path)).fail(why, {
      effect: 'runtimes call a plugin of that type, so containers of the network get no address from flatnet',
      suggestion: remedy,
    }),
  );
}

/** Podman 4 and containerd 1.6 cannot read a list of 1.1.0: their libcni 1.1.2 does not know the version. */
function checkVersion(facts: Facts, { path, cniVersion }: FlatnetNetwork): readonly Finding[] {
  const isPodman4 = facts.podman?.version.startsWith('4.') ?? false;
  if (cniVersion !== '1.1.0' || !isPodman4) return [];
  return [
    check('Plugin', 'conflist').fail(`${path} has "cniVersion": "1.1.0", which Podman 4 cannot read`, {
      effect: 'Podman says "unsupported CNI result version"',
      suggestion: `sudo sed -i 's/"cniVersion": *"1.1.0"/"cniVersion": "1.0.0"/' ${path}`,
    }),
  ];
}

function checkPorts({ path, capabilities, name }: FlatnetNetwork): readonly Finding[] {
  if (capabilities.includes('portMappings')) return [];
  return [
    check('Plugin', 'conflist').warning(`${path} does not declare the capability portMappings`, {
      effect: `podman run --network ${name} -p is silently ignored`,
      suggestion:
        'add "capabilities": {"portMappings": true, "ips": true, "mac": true, "aliases": true} to the plugin of type flatnet',
    }),
  ];
}

function nameOf(file: HostFile): string | undefined {
  return file.kind === 'broken' ? undefined : file.name;
}

function checkNames(facts: Facts): readonly Finding[] {
  const { fail } = check('Plugin', 'conflist');
  return facts.networks
    .filter(({ network }) => isOfCni(network))
    .flatMap(({ network }) => {
      const files = facts.files.filter(
        (file) => nameOf(file) === network.name && nameFor(file.path) === 'conflist',
      );
      if (files.length < 2 || files[0]?.path !== network.path) return [];
      return [
        fail(
          `${files.length} files define network "${network.name}": ${files.map(({ path }) => path).join(', ')}`,
          {
            effect: 'which one is used depends on the runtime',
            suggestion: `keep one: sudo rm ${files[1]?.path ?? ''}`,
          },
        ),
      ];
    });
}

function checkConflists(facts: Facts): readonly Finding[] {
  const { fail } = check('Plugin', 'conflist');
  const broken = [...checkBroken(facts), ...checkTypes(facts), ...checkNames(facts)];
  if (facts.networks.length === 0) {
    if (broken.some(({ status }) => status === 'fail')) return broken;
    return [
      ...broken,
      fail(`no network of type flatnet in ${describeDirectories(facts.directories)}`, {
        effect: 'podman run --network flatnet says "network not found"',
        suggestion: REINSTALL,
      }),
    ];
  }
  const each = facts.networks.flatMap(({ network }) => {
    const found = isOfCni(network) ? [...checkVersion(facts, network), ...checkPorts(network)] : [];
    return found.length > 0
      ? found
      : [check('Plugin', nameFor(network.path)).pass(`${network.path} is valid: network "${network.name}"`)];
  });
  return [...broken, ...each];
}

const HOUR_MS = 60 * 60 * 1000;

/** Only the last hour counts for the exit code: older errors must not raise an alarm again. */
function countSince(errors: readonly LogLine[], since: number): number {
  return errors.filter(({ time }) => Date.parse(time) >= since).length;
}

function checkErrors(facts: Facts): Finding {
  const { pass, warning, skipped } = check('Plugin', 'recent errors');
  if (!isSeen(facts, 'log')) return skipped('the log cannot be read');
  const errors = facts.log.filter(({ level }) => level === 'error');
  const [recent, today] = [1, 24].map((hours) => countSince(errors, facts.now.getTime() - hours * HOUR_MS));
  const last = errors.at(-1);
  if (last === undefined || recent === undefined || recent === 0) {
    return pass(`none in the last hour, ${today ?? 0} in the last 24 hours`);
  }
  const what = [last.verb, nameOrId(last)].filter((part) => part !== '').join(' ');
  return warning(
    `${count(recent, 'call')} failed in the last hour, the last one at ${last.time}: ${what}: ${last.msg}`,
    {
      ...(last.details === '' ? {} : { effect: last.details }),
      suggestion: 'sudo flatnet logs --level error --since 1h',
    },
  );
}

export function checkPlugin(facts: Facts): readonly Finding[] {
  return [...checkExecutable(facts), ...checkConflists(facts), ...checkVersions(facts), checkErrors(facts)];
}
