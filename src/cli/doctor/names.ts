import type { Facts } from '../facts/facts.ts';
import type { NamesFacts, ServedNames } from '../facts/names.ts';
import { nameOrId } from '../text/container.ts';
import { count } from '../text/format.ts';
import { check, type Finding, type More } from './finding.ts';
import {
  gettingServer,
  installing,
  isHeldDown,
  lettingIn,
  seeingWhy,
  serverSetting,
} from './names-remedies.ts';
import { restartOf } from './restart.ts';

const { pass, skipped, warning, fail } = check('Network', 'names');

const EFFECT = 'containers of the network do not find each other by name';
const SHOWN = 5;

/** CVE-2026-35406: one packet keeps a processor busy for good. */
const BUSY_RELEASES = /^1\.(16(\.\d+)?|17(\.0)?)$/;

function listed(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).join(', ')}${more}`;
}

/** Nothing answers, and the next container finds nothing, either. */
function describeLack(names: NamesFacts, lacking: string, facts: Facts): Finding {
  const { network, file, spec } = names;
  const isAsked = spec?.server !== 'auto';
  if (file?.conf.isGateway === false) {
    const suggestion = `set ${serverSetting(file, 'off')} in ${file.path}`;
    if (!isAsked) return skipped(`off for network "${network}": ${lacking}`);
    return fail(`"${network}": ${lacking}`, { effect: 'no container of the network starts', suggestion });
  }
  const suggestion = gettingServer(names, facts);
  return isAsked
    ? fail(`"${network}": ${lacking}`, { effect: 'no container of the network starts', suggestion })
    : warning(`"${network}": ${lacking}`, { effect: EFFECT, suggestion });
}

/** Containers that were attached when there was no server were told of none. */
function checkUnserved({ network, spec }: NamesFacts, { networks, containers }: Facts): Finding {
  const described = networks.find((one) => one.network.name === network);
  const running = described?.running ?? [];
  if (running.length === 0) return skipped(`those of "${network}" are served with its first container`);
  const ids = running.map(({ containerID }) => containerID);
  const what = `${count(running.length, 'container')} of "${network}" started before names were served`;
  // Nobody asked for them: so it is after an upgrade from a release without names.
  if (spec?.server === 'auto') return skipped(`${what}; a restart of each gives it names`);
  return warning(what, {
    effect: EFFECT,
    suggestion: restartOf({ containers }, ids),
  });
}

/** What is wrong with the server as a process; `undefined` if it answers. */
function describeServer({ program: { path }, state, filled: { zone } }: ServedNames): string | undefined {
  const of = `the server of the names of "${zone.network}"`;
  switch (state.condition) {
    case 'answers':
      return undefined;
    case 'dead':
      return `${of} does not run${state.said === '' ? '' : `; it printed: ${state.said}`}`;
    case 'elsewhere':
      return `${of} runs in the network namespace of somebody else`;
    case 'outdated':
      return `${of} was started before ${path} was replaced`;
    case 'stuck':
      return `${of} does not answer at ${state.silentAt ?? ''}, or not about a container that it has`;
  }
}

/** What is wrong with what the server has; `undefined` if it has what is there. */
function describeContent({ state, filled: { zone } }: ServedNames): string | undefined {
  const { missing, stale, isCurrent } = state;
  const parts = [
    ...(missing.length === 0 ? [] : [`lack ${listed(missing)}`]),
    ...(stale.length === 0 ? [] : [`have what is gone or has changed, of ${listed(stale)}`]),
  ];
  if (parts.length > 0) return `names of "${zone.network}" ${parts.join(', and ')}`;
  return isCurrent
    ? undefined
    : `names of "${zone.network}" are served as addresses and /etc/resolv.conf were before`;
}

/** What is wrong with a server or with what it has; `undefined` if all is well. */
export function troubleOf(served: ServedNames): string | undefined {
  return describeServer(served) ?? describeContent(served);
}

/** As `flatnet reload` mends it, unless the program is gone. */
function remedyOf({ network }: NamesFacts, served: ServedNames, facts: Facts): More {
  const { state, filled } = served;
  const ids = filled.records.slice(0, 1).map(({ containerID }) => containerID);
  if (!state.isInstalled) return { suggestion: restartOf(facts, ids) };
  const otherwise = seeingWhy(served, facts);
  if (isHeldDown(served, facts)) return { suggestion: otherwise };
  return { suggestion: 'sudo flatnet reload', otherwise, fix: { kind: 'names', network } };
}

function checkUnheard({ network, file }: NamesFacts, { unheard, filled }: ServedNames): readonly Finding[] {
  // Without a firewall it is something else that keeps them apart, which other checks find.
  if (unheard === undefined || unheard.input.refusers.length === 0) return [];
  const { container, address, input } = unheard;
  const command = lettingIn(input, { bridge: filled.zone.bridge, address });
  const canReload = file?.conf.forwardAccept !== false && input.isDisturbed;
  const remedy: More = canReload
    ? { suggestion: 'sudo flatnet reload', otherwise: command, fix: { kind: 'names', network } }
    : { suggestion: command };
  return [
    fail(
      `${address} answers the host, but not ${nameOrId(container)} of "${network}": a firewall keeps the question back`,
      { effect: `${EFFECT}, nor anybody else`, ...remedy },
    ),
  ];
}

/** aardvark-dns and dnsmasq leave themselves out, and then have nobody to ask. */
function checkCircle({ nameservers, names }: Facts): readonly Finding[] {
  const own = names.flatMap(({ served }) => served?.filled.zone.listen ?? []);
  if (nameservers.length === 0 || !nameservers.every((server) => own.includes(server))) return [];
  return [
    warning(`/etc/resolv.conf names only ${nameservers.join(', ')}, where flatnet answers`, {
      effect: 'nothing but names of containers resolves, on this host and in its containers',
      suggestion: 'add the server of your network to /etc/resolv.conf: nameserver <address>',
    }),
  ];
}

function checkRelease({ program, release }: ServedNames, { distribution }: Facts): readonly Finding[] {
  if (program.kind !== 'aardvark' || !BUSY_RELEASES.test(release)) return [];
  return [
    warning(`${program.path} is ${release}, which one packet keeps busy for good (CVE-2026-35406)`, {
      effect: 'any container can make it take a whole processor',
      suggestion: `update aardvark-dns to 1.17.1 or newer: ${installing('aardvark', distribution)}`,
    }),
  ];
}

function checkServed(names: NamesFacts, served: ServedNames, facts: Facts): readonly Finding[] {
  const { program, release, filled } = served;
  const trouble = troubleOf(served);
  const findings = [
    ...(trouble === undefined ? [] : [fail(trouble, { effect: EFFECT, ...remedyOf(names, served, facts) })]),
    ...checkUnheard(names, served),
    ...checkRelease(served, facts),
  ];
  if (findings.length > 0) return findings;
  const what = `${program.path} ${release}`.trimEnd();
  const whom = count(filled.records.length, 'container');
  return [pass(`${what} answers at ${filled.zone.listen.join(', ')} about ${whom} of "${names.network}"`)];
}

function checkNetwork(names: NamesFacts, facts: Facts): readonly Finding[] {
  const { lacking, served } = names;
  const isRemoved = lacking !== undefined && served?.state.isInstalled === false;
  return [
    ...(lacking === undefined ? [] : [describeLack(names, lacking, facts)]),
    ...(served === undefined || isRemoved ? [] : checkServed(names, served, facts)),
    ...(lacking === undefined && served === undefined ? [checkUnserved(names, facts)] : []),
  ];
}

/** Checks who answers for the names of containers, what it has, and whether questions reach it. */
export function checkNames(facts: Facts): readonly Finding[] {
  return [...facts.names.flatMap((names) => checkNetwork(names, facts)), ...checkCircle(facts)];
}
