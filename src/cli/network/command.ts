import { pathInfo, readText, removeFile } from '../../sys/files/text-file.ts';
import { readContainersConf } from '../facts/containers-conf.ts';
import { gatherFacts } from '../facts/gather.ts';
import { unreadable } from '../facts/hidden.ts';
import { CliError } from '../failure.ts';
import { EXIT, type Io, printJson } from '../io.ts';
import { installConflist } from '../install/install.ts';
import { LAYOUT } from '../layout.ts';
import { isSet, type Call, textOf } from '../spec.ts';
import { styleFor } from '../text/style.ts';
import { printable } from '../text/printable.ts';
import { type Column, renderTable } from '../text/table.ts';
import { canonical, defaultGateway, findFreeSubnet, firstOverlap, freeBridge, freeSubnet } from './choose.ts';
import { flatnetNetworks, readConflists, requireNetwork } from './find.ts';
import { clearNetwork, usersOf, waitingFor } from './remove.ts';
import type { NetworkOptions } from './template.ts';

/** Where networks are kept on this machine: where Podman looks. */
export function networkDirectory(): string {
  return readContainersConf().networkDirectory ?? LAYOUT.networkDirectory;
}

const COLUMNS: readonly Column[] = [
  { title: 'NETWORK', min: 12 },
  { title: 'SUBNET', min: 14 },
  { title: 'BRIDGE' },
  { title: 'MASQ' },
  { title: 'USED', align: 'right' },
  { title: 'FILE', min: 10 },
];

/** `flatnet network ls`. */
export async function list(call: Call, io: Io): Promise<number> {
  const facts = await gatherFacts('quick');
  const rows = facts.networks.map(({ network, subnets, size, used }) => ({
    name: network.name,
    subnets,
    bridge: network.conf.bridge,
    ipMasq: network.conf.ipMasq,
    used,
    size: Number(size),
    path: network.path,
  }));
  const broken = facts.files.flatMap((file) => (file.kind === 'broken' && file.isOurs ? [file] : []));
  if (isSet(call, 'json')) {
    printJson(io, { networks: rows, broken: broken.map(({ path, problem }) => ({ path, ...problem })) });
  } else {
    const cells = rows.map(({ name, subnets, bridge, ipMasq, used, size, path }) => [
      name,
      subnets.length === 0 ? '(other IPAM)' : subnets.join(', '),
      bridge,
      ipMasq ? 'yes' : 'no',
      `${used}/${size}`,
      path,
    ]);
    const lines = renderTable(cells, { columns: COLUMNS, width: io.columns, title: styleFor(io.color).bold });
    io.out(
      rows.length === 0
        ? `No network of type flatnet in ${facts.networkDirectory}.\n`
        : `${lines.join('\n')}\n`,
    );
  }
  const problems = unreadable(facts);
  for (const sentence of problems) io.err(`${printable(sentence)}\n`);
  return problems.length > 0 ? EXIT.warnings : EXIT.ok;
}

/** `flatnet network inspect NAME`. */
export async function inspect(call: Call, io: Io): Promise<number> {
  const [name = ''] = call.args;
  requireNetwork(networkDirectory(), name);
  const facts = await gatherFacts('quick');
  const found = facts.networks.find(({ network }) => network.name === name);
  if (found === undefined)
    throw new CliError(
      `Cannot look at network "${name}"`,
      facts.unseen.map(({ what, why }) => `${what}: ${why}`).join('\n'),
    );
  const { network, subnets, gateways, size, used, bridge, ports, rules, allocations, state } = found;
  const config: unknown = JSON.parse(readText(network.path) ?? 'null');
  printJson(io, {
    name,
    path: network.path,
    config,
    subnets,
    gateways,
    size: Number(size),
    used,
    bridge: bridge ?? null,
    ports: ports.map(({ ifname, master, operstate, mtu }) => ({ ifname, master, operstate, mtu })),
    masqueraded: rules?.masqueraded ?? null,
    missingRules: rules?.missing ?? null,
    allocations,
    state: { path: state.path, condition: state.condition },
  });
  return EXIT.ok;
}

/** Everything that has a subnet of ours taken already: other networks and routes. */
async function takenBy(): Promise<{
  readonly subnets: readonly string[];
  readonly bridges: readonly string[];
}> {
  const { networks, routes, links } = await gatherFacts('quick');
  return {
    subnets: [...networks.flatMap((network) => network.subnets), ...routes.map(({ dst }) => dst)],
    bridges: [...networks.map(({ network }) => network.conf.bridge), ...links.map(({ ifname }) => ifname)],
  };
}

async function optionsFor(call: Call, name: string): Promise<NetworkOptions> {
  const taken = await takenBy();
  const subnet = textOf(call, 'subnet') ?? freeSubnet(taken.subnets);
  const clash = firstOverlap(subnet, taken.subnets);
  if (clash !== undefined && !isSet(call, 'force')) {
    const free = findFreeSubnet(taken.subnets);
    throw new CliError(
      `Cannot create network "${name}": ${subnet} overlaps ${clash}, which a route or another network has`,
      `${free === undefined ? 'Name another --subnet' : `${free} is free`}; --force takes ${subnet} all the same`,
    );
  }
  const gateway = textOf(call, 'gateway');
  return {
    name,
    subnet,
    bridge: textOf(call, 'bridge') ?? freeBridge(taken.bridges),
    gateway: gateway === undefined ? defaultGateway(subnet) : canonical(gateway),
    ipMasq: call.options['masq'] !== false,
  };
}

/** `flatnet network create NAME`. */
export async function create(call: Call, io: Io): Promise<number> {
  const [name = ''] = call.args;
  const directory = networkDirectory();
  const existing = readConflists(directory).find((file) => file.kind !== 'broken' && file.name === name);
  const path = existing?.path ?? `${directory}/${name}.conflist`;
  if (pathInfo(path) !== undefined) {
    throw new CliError(
      `Cannot create network "${name}": ${path} is there already`,
      `flatnet network inspect ${name}`,
    );
  }
  const network = await optionsFor(call, name);
  const step = installConflist({ directory, network, force: false, now: new Date() });
  if (isSet(call, 'json')) printJson(io, { ...network, path: step.path });
  else io.out(`Created network "${name}": ${network.subnet} on ${network.bridge} (${step.path})\n`);
  return EXIT.ok;
}

/** `flatnet network rm NAME`. */
export async function remove(call: Call, io: Io): Promise<number> {
  const [name = ''] = call.args;
  const directory = networkDirectory();
  const network = requireNetwork(directory, name);
  const isForced = isSet(call, 'force');
  const users = isForced ? [] : [...new Set([...(await usersOf(network)), ...(await waitingFor(network))])];
  if (users.length > 0) {
    throw new CliError(
      `Cannot remove network "${name}": ${users.join(', ')} ${users.length === 1 ? 'uses' : 'use'} it`,
      `sudo podman rm -f ${users.join(' ')}, or --force to cut them off`,
    );
  }
  const others = flatnetNetworks(readConflists(directory)).filter((other) => other.name !== name);
  const done = await clearNetwork(network, others);
  removeFile(network.path);
  const said = [...done, `removed ${network.path}`];
  if (isSet(call, 'json')) printJson(io, { done: said });
  else io.out(said.map((line) => `${printable(line)}\n`).join(''));
  return EXIT.ok;
}
