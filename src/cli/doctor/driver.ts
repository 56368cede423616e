import { isAtLeast } from '../../input/version.ts';
import type { Facts } from '../facts/facts.ts';
import { editing } from '../network/suspect.ts';
import { shellWord } from '../self.ts';
import { check, type Finding } from './finding.ts';

const REINSTALL = 'sudo flatnet install';
const EFFECT = 'no container of the network starts, and "podman network create -d flatnet" finds no driver';

/** containers.conf replaces netavark's directories, and none of these has the driver. */
function checkUnsearched({ drivers, driverDirectories, containersConf }: Facts): Finding | undefined {
  const aside = drivers.find(({ isSearched }) => !isSearched);
  const [first] = driverDirectories;
  if (aside === undefined || first === undefined) return undefined;
  const [file] = containersConf.files.toReversed();
  const link = `sudo mkdir -p ${shellWord(first)} && sudo ln -s ${shellWord(aside.path)} ${shellWord(`${first}/flatnet`)}`;
  return check('Podman', 'driver').fail(
    `netavark_plugin_dirs names only ${driverDirectories.join(', ')}, but the driver is ${aside.path}`,
    {
      effect: EFFECT,
      suggestion: file === undefined ? link : `${link}; or add its directory to that list: ${editing(file)}`,
    },
  );
}

/** The copy of the driver that netavark takes, which has to run. */
function checkFirst(facts: Facts): Finding {
  const { pass, fail } = check('Podman', 'driver');
  const first = facts.drivers.find(({ isSearched }) => isSearched);
  if (first === undefined) {
    const where = facts.driverDirectories.join(', ');
    return (
      checkUnsearched(facts) ??
      fail(`there is no driver "flatnet" in ${where}`, { effect: EFFECT, suggestion: REINSTALL })
    );
  }
  const { path, isExecutable, problem, version } = first;
  if (!isExecutable) {
    return fail(`${path} is not executable`, {
      effect: EFFECT,
      suggestion: `sudo chmod 755 ${path}`,
      fix: { kind: 'executable-bit', path },
    });
  }
  if (problem !== undefined) {
    return fail(`${path} does not answer as a driver: ${problem}`, {
      effect: EFFECT,
      suggestion: REINSTALL,
    });
  }
  return pass(`${path} is flatnet ${version}`);
}

function checkCopies({ drivers }: Facts): readonly Finding[] {
  const [first, ...others] = drivers.filter(({ isSearched }) => isSearched);
  if (first === undefined || others.length === 0) return [];
  return [
    check('Podman', 'driver').warning(`there are ${others.length + 1} drivers; netavark uses ${first.path}`, {
      suggestion: `sudo rm ${others.map(({ path }) => path).join(' ')}`,
    }),
  ];
}

/** Releases of Podman and netavark go together: 5 with 1, 6 with 2. */
function checkPair(podman: string, netavark: string): readonly Finding[] {
  const isSix = isAtLeast(podman, [6, 0]);
  const isTwo = isAtLeast(netavark, [2, 0]);
  if (isSix === undefined || isTwo === undefined || isSix === isTwo) return [];
  return [
    check('Podman', 'netavark').warning(
      `Podman ${podman} is made for netavark ${isSix ? '2' : '1'}, not for ${netavark}`,
      {
        effect: 'networks may fail to be made or to be read',
        suggestion: 'sudo apt-get install podman netavark aardvark-dns',
      },
    ),
  ];
}

function checkNetavark({ backend: { netavark } }: Facts, podman: string): readonly Finding[] {
  const { fail, warning } = check('Podman', 'netavark');
  if (netavark === undefined) {
    return [
      fail(`Podman ${podman} finds no netavark`, {
        effect: 'no container starts on any network',
        suggestion: 'sudo apt-get install netavark',
      }),
    ];
  }
  const { path, version, canRunDrivers } = netavark;
  if (canRunDrivers === undefined)
    return [warning(`${path} does not tell its version: 1.6 or newer is needed`)];
  if (canRunDrivers) return checkPair(podman, version);
  return [
    fail(`${path} is ${version}, which knows no drivers`, {
      effect: '"podman network create -d flatnet" succeeds, and then no container of the network starts',
      suggestion: 'install netavark 1.6 or newer: sudo apt-get install netavark',
    }),
  ];
}

/** Checks of what a Podman on netavark needs: a netavark that knows drivers, and flatnet where it looks for them. */
export function checkDriver(facts: Facts, podman: string): readonly Finding[] {
  return [...checkNetavark(facts, podman), checkFirst(facts), ...checkCopies(facts)];
}
