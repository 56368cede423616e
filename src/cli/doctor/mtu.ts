import type { LinkInfo } from '../../sys/process/ip.ts';
import type { Facts, NetworkFacts } from '../facts/facts.ts';
import { uplinkOf } from '../facts/uplink.ts';
import { mtuSetting } from '../network/host-network.ts';
import { nameOrId } from '../text/container.ts';
import { check, type Finding } from './finding.ts';

/** Commands that give a bridge and its ports one MTU: the configured one, else the ports', else the bridge's. */
function remedyFor(bridge: LinkInfo, { network, ports, allocations }: NetworkFacts): string {
  const [mtu = bridge.mtu, ...others] = [...new Set(ports.map((port) => port.mtu))];
  const wanted = network.conf.mtu ?? (others.length === 0 ? mtu : bridge.mtu);
  const names = ports
    .filter((port) => port.mtu !== wanted)
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

export function checkMtu(facts: Facts, described: NetworkFacts): readonly Finding[] {
  const { bridge, network, ports } = described;
  const { pass, warning } = check('Network', 'mtu');
  if (bridge === undefined) return [];
  const { name } = network;
  const unequal = ports.filter(({ mtu }) => mtu !== bridge.mtu);
  if (unequal.length > 0) {
    const list = unequal.map(({ ifname, mtu }) => `${ifname} ${mtu}`).join(', ');
    return [
      warning(`bridge ${bridge.ifname} has MTU ${bridge.mtu}, but its ports differ: ${list}`, {
        effect: 'large packets are lost: connections open and then hang',
        suggestion: remedyFor(bridge, described),
      }),
    ];
  }
  const uplink = uplinkOf(facts);
  if (uplink === undefined || bridge.mtu <= uplink.mtu)
    return [pass(`${bridge.mtu}, no more than the uplink's`)];
  return [
    warning(
      `${bridge.mtu} on ${bridge.ifname}, but only ${uplink.mtu} on ${uplink.ifname}, the default route`,
      {
        effect: 'large packets of containers are lost where path MTU discovery is filtered (VPN, WSL2)',
        suggestion: `set ${mtuSetting(network, uplink.mtu)} in ${network.path}, then: sudo ip link set dev ${bridge.ifname} mtu ${uplink.mtu} and restart the containers of "${name}"`,
      },
    ),
  ];
}
