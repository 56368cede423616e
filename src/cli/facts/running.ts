import { familyOf } from '../../input/address.ts';
import { subnetOf } from '../../attachment/leased.ts';
import { recallForeign } from '../../attachment/foreign.ts';
import { type Intent, recall } from '../../attachment/intent.ts';
import type { NetworkSpec } from '../../attachment/spec.ts';
import type { Allocation } from '../../ipam/types.ts';
import type { LinkInfo } from '../../sys/process/ip.ts';
import { parseAlias } from '../../veth/alias.ts';

/** The settings a running container was attached with. */
export interface Running {
  readonly containerID: string;
  readonly hostIfname: string;
  readonly bridge: string;
  /** CIDRs of the subnets of its addresses. */
  readonly subnets: readonly string[];
  /** CIDRs of its gateways. */
  readonly gateways: readonly string[];
  /** CIDRs of the subnets masqueraded for it. */
  readonly masquerade: readonly string[];
  /** `ipMasq` when it was attached; `undefined` if unknown. */
  readonly ipMasq: boolean | undefined;
}

/** A configured value that differs from the one that running containers were attached with. */
export interface Change {
  readonly what: 'bridge' | 'subnet' | 'gateway';
  readonly now: readonly string[];
  /** The values that those containers were attached with. */
  readonly held: readonly string[];
  readonly containers: number;
}

export interface Configured {
  readonly conf: NetworkSpec;
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** With another plugin's IPAM, the setting is in the file of foreign attachments. */
function ipMasqOf({ ifname }: LinkInfo, intent: Intent | undefined): boolean | undefined {
  return (intent ?? recallForeign(ifname)?.intent)?.ipMasq;
}

function describePort(port: LinkInfo, own: readonly Allocation[], { conf, subnets }: Configured): Running {
  const intent = recall(own[0]?.data);
  return {
    containerID: own[0]?.containerID ?? parseAlias(port.ifalias ?? '')?.containerID ?? '',
    hostIfname: port.ifname,
    // Without stored settings, the bridge that the port is in is the best guess.
    bridge: intent?.bridge ?? port.master ?? conf.bridge,
    subnets: distinct(
      own.map(({ address, prefix }) =>
        subnetOf({ family: familyOf(address), address, prefix, gateway: undefined }),
      ),
    ),
    gateways: distinct(
      own.flatMap(({ gateway, prefix }) => (gateway === undefined ? [] : [`${gateway}/${prefix}`])),
    ),
    masquerade: intent?.subnets ?? subnets,
    ipMasq: ipMasqOf(port, intent),
  };
}

export function describeRunning(
  ports: readonly LinkInfo[],
  allocations: readonly Allocation[],
  configured: Configured,
): readonly Running[] {
  return ports.map((port) => {
    const own = allocations.filter(({ hostIfname }) => hostIfname === port.ifname);
    return describePort(port, own, configured);
  });
}

function compare(
  what: Change['what'],
  now: readonly string[],
  running: readonly { readonly containerID: string; readonly held: readonly string[] }[],
): readonly Change[] {
  const others = running.flatMap(({ containerID, held }) =>
    held.filter((text) => !now.includes(text)).map((text) => ({ containerID, text })),
  );
  if (others.length === 0) return [];
  const containers = new Set(others.map(({ containerID }) => containerID)).size;
  return [{ what, now, held: distinct(others.map(({ text }) => text)), containers }];
}

export function changesOf(running: readonly Running[], configured: Configured): readonly Change[] {
  const { conf, subnets, gateways } = configured;
  const bridges = compare(
    'bridge',
    [conf.bridge],
    running.map(({ containerID, bridge }) => ({ containerID, held: [bridge] })),
  );
  if (conf.ipam.from === 'source') return bridges;
  const moved = compare(
    'subnet',
    subnets,
    running.map(({ containerID, subnets: held }) => ({ containerID, held })),
  );
  if (moved.length > 0 || !conf.isGateway) return [...bridges, ...moved];
  const led = compare(
    'gateway',
    gateways,
    running.map(({ containerID, gateways: held }) => ({ containerID, held })),
  );
  return [...bridges, ...led];
}

/** The configured bridge, unless all running containers are on another one. */
export function bridgeInUse(running: readonly Running[], configured: string): string {
  return running.some(({ bridge }) => bridge === configured)
    ? configured
    : (running[0]?.bridge ?? configured);
}

export function gatewaysInUse(
  running: readonly Running[],
  { conf, gateways }: Configured,
): readonly string[] {
  if (!conf.isGateway) return [];
  const used = distinct(running.flatMap((one) => one.gateways));
  return used.length === 0 ? gateways : used;
}

export function masqueradeInUse(running: readonly Running[], subnets: readonly string[]): readonly string[] {
  const used = distinct(running.flatMap(({ masquerade }) => masquerade));
  return used.length === 0 ? subnets : used;
}
