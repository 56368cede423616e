import { createBridge, repairBridge } from '../../bridge/ensure.ts';
import type { BridgeSpec } from '../../bridge/plan.ts';
import { parseCidr } from '../../ipam/address.ts';
import { ipBatch, showLinks } from '../../sys/ip.ts';
import { linkMtu } from '../../sys/link-requests.ts';
import { openNetlink, PROTOCOL } from '../../sys/netlink.ts';
import { defaultRouteLink } from '../../sys/proc.ts';
import { macForAddress } from '../../veth/mac.ts';
import type { NetworkFacts } from '../facts/facts.ts';

const FALLBACK_MTU = 1500;

function uplinkMtu(): number | undefined {
  const uplink = defaultRouteLink();
  if (uplink === undefined) return undefined;
  using netlink = openNetlink(PROTOCOL.route);
  return linkMtu(netlink, uplink);
}

function mtuFor({ network, ports }: NetworkFacts): number {
  return network.conf.mtu ?? ports[0]?.mtu ?? uplinkMtu() ?? FALLBACK_MTU;
}

/** The bridge as the plugin makes it with a network's first container. */
function specOf(facts: NetworkFacts): BridgeSpec {
  const { network, gateways, bridgeName: name, changes } = facts;
  const parsed = gateways.flatMap((text) => {
    const cidr = parseCidr(text);
    return cidr === undefined
      ? []
      : [{ family: cidr.family, prefix: cidr.prefix, address: text.split('/')[0] ?? text }];
  });
  return {
    name,
    mac: macForAddress(parsed[0]?.address ?? name),
    mtu: mtuFor(facts),
    gateways: parsed,
    // Nobody's address gives way to one that only a part of the containers has.
    forceAddress: network.conf.forceAddress && changes.length === 0,
    promiscMode: network.conf.promiscMode,
  };
}

/**
 * Makes or completes a network's bridge and puts the interfaces of its containers back into it: they outlive their
 * bridge.
 *
 * @throws BridgeConflictError when the bridge has another address, which only its owner may take away.
 */
export async function restoreBridge(facts: NetworkFacts): Promise<string> {
  const spec = specOf(facts);
  const [present] = await showLinks(spec.name);
  if (present === undefined) await createBridge(spec);
  const [link] = await showLinks(spec.name);
  if (link === undefined) throw new Error(`"ip" shows nothing of bridge "${spec.name}"`);
  await repairBridge(spec, link);
  const elsewhere = facts.running.filter(({ bridge }) => bridge !== spec.name);
  const stray = facts.ports.filter(
    ({ ifname, master }) =>
      (master !== spec.name || present === undefined) &&
      !elsewhere.some(({ hostIfname }) => hostIfname === ifname),
  );
  if (stray.length > 0) {
    await ipBatch(stray.map(({ ifname }) => `link set dev ${ifname} master ${spec.name} up`));
  }
  const made = present === undefined ? 'made' : 'completed';
  return `${made} ${spec.name} with ${facts.gateways.join(', ')}${stray.length === 0 ? '' : `, ${stray.map(({ ifname }) => ifname).join(', ')} in it again`}`;
}
