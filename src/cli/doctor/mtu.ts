import type { LinkInfo } from '../../sys/process/ip.ts';
import type { Facts, NetworkFacts } from '../facts/facts.ts';
import { uplinkOf } from '../facts/uplink.ts';
import { mtuSetting } from '../network/host-network.ts';
import { nameOrId } from '../text/container.ts';
import { check, type Finding } from './finding.ts';

/** Whose bridge is somebody else's: flatnet names no command that changes it. */
function isUnmanaged({ network }: NetworkFacts): boolean {
  return network.conf.isUnmanaged === true;
}

/**
 * What every packet of the bridge's ports needs: the configured MTU, else the ports', else the bridge's. An unmanaged bridge
 * keeps its own, which its containers get when they start.
 */
function wantedMtu(bridge: LinkInfo, described: NetworkFacts): number {
  const { network, ports } = described;
  if (isUnmanaged(described)) return bridge.mtu;
  const [mtu = bridge.mtu, ...others] = [...new Set(ports.map((port) => port.mtu))];
  return network.conf.mtu ?? (others.length === 0 ? mtu : bridge.mtu);
}

/** Commands after which no port has a larger MTU than the bridge. */
function remedyFor(bridge: LinkInfo, described: NetworkFacts): string {
  const { ports, allocations } = described;
  const wanted = wantedMtu(bridge, described);
  const names = ports
    .filter((port) => port.mtu > wanted)
    .map(({ ifname }) => {
      const holder = allocations.find(({ hostIfname }) => hostIfname === ifname);
      return holder === undefined ? ifname : nameOrId(holder);
    });
  const restart = `restart the container${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
  return [
    ...(bridge.mtu === wanted ? [] : [`sudo ip link set dev ${bridge.ifname} mtu ${wanted}`]),
    ...(names.length === 0 ? [] : [restart]),
  ].join(', then ');
}

/** A port may have a smaller MTU than the bridge: one container's `mtu` is its pair's alone. */
function checkPorts(bridge: LinkInfo, described: NetworkFacts): readonly Finding[] {
  const larger = described.ports.filter(({ mtu }) => mtu > bridge.mtu);
  if (larger.length === 0) return [];
  const list = larger.map(({ ifname, mtu }) => `${ifname} ${mtu}`).join(', ');
  return [
    check('Network', 'mtu').warning(
      `bridge ${bridge.ifname} has MTU ${bridge.mtu}, but its ports differ: ${list}`,
      {
        effect: 'large packets are lost: connections open and then hang',
        suggestion: remedyFor(bridge, described),
      },
    ),
  ];
}

function checkUplink(bridge: LinkInfo, described: NetworkFacts, uplink: LinkInfo | undefined): Finding {
  const { network, ports } = described;
  const { pass, warning } = check('Network', 'mtu');
  const isOthers = isUnmanaged(described);
  // What else goes through somebody's bridge is no matter here.
  const mtu = isOthers ? Math.max(0, ...ports.map((port) => port.mtu)) : bridge.mtu;
  if (uplink === undefined || mtu <= uplink.mtu)
    return pass(`${isOthers ? 'its containers have' : `${mtu},`} no more than the uplink's`);
  const onBridge = isOthers ? '' : `sudo ip link set dev ${bridge.ifname} mtu ${uplink.mtu} and `;
  return warning(
    `${mtu} on ${bridge.ifname}, but only ${uplink.mtu} on ${uplink.ifname}, the default route`,
    {
      effect: 'large packets of containers are lost where path MTU discovery is filtered (VPN, WSL2)',
      suggestion: `set ${mtuSetting(network, uplink.mtu)} in ${network.path}, then: ${onBridge}restart the containers of "${network.name}"`,
    },
  );
}

/** Whether large packets get from one container to another, and out. */
export function checkMtu(facts: Facts, described: NetworkFacts): readonly Finding[] {
  const { bridge } = described;
  if (bridge === undefined) return [];
  const unequal = checkPorts(bridge, described);
  return unequal.length > 0 ? unequal : [checkUplink(bridge, described, uplinkOf(facts))];
}
