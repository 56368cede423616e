import type { Context } from '../../sys/context.ts';
import { createBridge, repairBridge } from '../../bridge/ensure.ts';
import { bridgeSpec } from '../../attachment/ready-bridge.ts';
import { isOwnBridge } from '../../bridge/mac.ts';
import { uplinkMtu } from '../../bridge/mtu.ts';
import type { BridgeSpec } from '../../bridge/plan.ts';
import { formatAddress, parseCidr } from '../../input/address.ts';
import { ipBatch, type LinkInfo, showLinks } from '../../sys/process/ip.ts';
import { openLinks } from '../../sys/kernel.ts';
import type { NetworkFacts } from '../facts/facts.ts';

function mtuFor({ network, ports }: NetworkFacts, ctx: Context): number {
  using kernel = openLinks(ctx);
  return network.conf.mtu ?? ports[0]?.mtu ?? uplinkMtu(kernel).bytes;
}

/** The bridge as attach makes it with a network's first container. */
function specOf(facts: NetworkFacts, present: LinkInfo | undefined, ctx: Context): BridgeSpec {
  const { network, bridgeName, changes } = facts;
  const gateways = facts.gateways.flatMap((text) => {
    const cidr = parseCidr(text);
    return cidr === undefined
      ? []
      : [{ family: cidr.family, prefix: cidr.prefix, address: formatAddress(cidr) }];
  });
  const mtu = present === undefined || isOwnBridge(present) ? mtuFor(facts, ctx) : undefined;
  const spec = bridgeSpec({ ...network.conf, bridge: bridgeName }, gateways, mtu);
  // While only some containers have the new address, the old one stays.
  return { ...spec, forceAddress: spec.forceAddress && changes.length === 0 };
}

/**
 * Creates or completes a network's bridge and reattaches its containers' interfaces, which outlive the bridge.
 * @throws BridgeConflictError if the bridge has another address, which only its owner may remove.
 */
export async function restoreBridge(facts: NetworkFacts, ctx: Context): Promise<string> {
  const [present] = await showLinks({ ifname: facts.bridgeName }, ctx);
  const spec = specOf(facts, present, ctx);
  if (present === undefined) await createBridge(spec, ctx);
  const [link] = await showLinks({ ifname: spec.name }, ctx);
  if (link === undefined) throw new Error(`"ip" shows nothing of bridge "${spec.name}"`);
  await repairBridge(spec, link, ctx);
  const elsewhere = facts.running.filter(({ bridge }) => bridge !== spec.name);
  const stray = facts.ports.filter(
    ({ ifname, master }) =>
      (master !== spec.name || present === undefined) &&
      !elsewhere.some(({ hostIfname }) => hostIfname === ifname),
  );
  if (stray.length > 0) {
    await ipBatch(
      stray.map(({ ifname }) => `link set dev ${ifname} master ${spec.name} up`),
      ctx,
    );
  }
  const made = present === undefined ? 'made' : 'completed';
  return `${made} ${spec.name} with ${facts.gateways.join(', ')}${stray.length === 0 ? '' : `, ${stray.map(({ ifname }) => ifname).join(', ')} in it again`}`;
}
