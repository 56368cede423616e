import type { Facts, NetworkFacts } from '../facts/facts.ts';
import { uplinkOf } from '../facts/uplink.ts';
import { check, type Finding } from './finding.ts';

/** Checks that no packet is made larger than what it has to pass through. */
export function checkMtu(facts: Facts, { bridge, network, ports }: NetworkFacts): readonly Finding[] {
  const { pass, warning } = check('Network', 'mtu');
  if (bridge === undefined) return [];
  const { name } = network;
  const unequal = ports.filter(({ mtu }) => mtu !== bridge.mtu);
  if (unequal.length > 0) {
    const list = unequal.map(({ ifname, mtu }) => `${ifname} ${mtu}`).join(', ');
    return [
      warning(`bridge ${bridge.ifname} has MTU ${bridge.mtu}, its ports differ: ${list}`, {
        effect: 'large packets vanish: a connection is made and then hangs',
        suggestion: `set "mtu" in ${network.path} and restart the containers`,
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
        suggestion: `set "mtu": ${uplink.mtu} in ${network.path}, then: sudo ip link set dev ${bridge.ifname} mtu ${uplink.mtu} and restart the containers of "${name}"`,
      },
    ),
  ];
}
