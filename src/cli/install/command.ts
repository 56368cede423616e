import { readContainersConf } from '../facts/containers-conf.ts';
import { CliError } from '../failure.ts';
import { EXIT, type Io, printJson } from '../io.ts';
import { layoutUnder, type Layout } from '../layout.ts';
import { subnetsOf } from '../facts/networks.ts';
import { canonical, defaultGateway, firstOverlap } from '../network/choose.ts';
import { flatnetNetworks, readConflists } from '../network/find.ts';
import { DEFAULT_NETWORK, type NetworkOptions } from '../network/template.ts';
import { asTyped } from '../self.ts';
import { isSet, type Call, textOf } from '../spec.ts';
import { printable } from '../text/printable.ts';
import { styleFor } from '../text/style.ts';
import {
  installCommand,
  installConflist,
  installExecutable,
  installSettings,
  installUnit,
  type Step,
  verifyExecutable,
} from './install.ts';
import { noteInstalled } from './manifest.ts';

/** The layout an installation works on; on this machine, networks go where Podman looks for them. */
export function layoutFor(call: Call): Layout {
  const root = textOf(call, 'root') ?? '/';
  if (!root.startsWith('/')) throw new CliError(`Cannot install under "${root}": expected an absolute path`);
  const layout = layoutUnder(root);
  const directory = layout.root === '/' ? readContainersConf().networkDirectory : undefined;
  return { ...layout, networkDirectory: directory ?? layout.networkDirectory };
}

function optionsFrom(call: Call): NetworkOptions {
  const subnet = textOf(call, 'subnet') ?? DEFAULT_NETWORK.subnet;
  const gateway = textOf(call, 'gateway');
  return {
    name: textOf(call, 'network') ?? DEFAULT_NETWORK.name,
    bridge: textOf(call, 'bridge') ?? DEFAULT_NETWORK.bridge,
    subnet,
    gateway: gateway === undefined ? defaultGateway(subnet) : canonical(gateway),
    ipMasq: call.options['masq'] !== false,
  };
}

/** Two networks of one bridge or subnet would give out the same addresses. */
function refuseClash(directory: string, network: NetworkOptions): void {
  const others = flatnetNetworks(readConflists(directory)).filter(({ name }) => name !== network.name);
  for (const { name, path, conf } of others) {
    const overlap = firstOverlap(network.subnet, subnetsOf(conf));
    const shared = [
      ...(conf.bridge === network.bridge ? [{ option: '--bridge', what: `bridge "${conf.bridge}"` }] : []),
      ...(overlap === undefined ? [] : [{ option: '--subnet', what: overlap }]),
    ];
    if (shared.length === 0) continue;
    const what = shared.map((one) => one.what).join(' and ');
    throw new CliError(
      `Cannot install network "${network.name}": network "${name}" (${path}) has ${what}`,
      `Give it a ${shared.map(({ option }) => option).join(' and a ')} of its own.`,
    );
  }
}

function render(steps: readonly Step[], io: Io): string {
  const style = styleFor(io.color);
  const words = {
    written: style.good('written  '),
    kept: style.notable('kept     '),
    unchanged: style.dim('unchanged'),
  };
  return steps
    .map(
      ({ path, outcome, note }) =>
        `${words[outcome]}  ${printable(path)}${note === undefined ? '' : `\n           ${style.dim(printable(note))}`}\n`,
    )
    .join('');
}

/** `flatnet install`. */
export async function install(call: Call, io: Io): Promise<number> {
  const layout = layoutFor(call);
  const network = optionsFrom(call);
  refuseClash(layout.networkDirectory, network);
  const now = new Date();
  const steps: Step[] = [installExecutable(layout)];
  await verifyExecutable(layout);
  steps.push(
    installCommand(layout),
    installConflist({ directory: layout.networkDirectory, network, force: isSet(call, 'force'), now }),
  );
  steps.push(...installSettings(layout, network.subnet.includes(':') ? [4, 6] : [4]), ...installUnit(layout));
  noteInstalled(
    layout,
    // The link says itself whose it is.
    steps
      .filter(({ outcome, path }) => outcome !== 'kept' && path !== layout.command)
      .map(({ path }) => path),
  );
  if (isSet(call, 'json')) printJson(io, { steps });
  else {
    io.out(render(steps, io));
    const next = [
      `Try it: sudo podman run --rm --network ${network.name} docker.io/library/busybox ip address`,
      'Look at it: sudo flatnet status; sudo flatnet doctor',
    ];
    io.out(`\n${next.map((line) => `${asTyped(line)}\n`).join('')}`);
  }
  return steps.some(({ outcome }) => outcome === 'kept') ? EXIT.warnings : EXIT.ok;
}
