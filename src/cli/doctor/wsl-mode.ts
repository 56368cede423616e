import type { Facts } from '../facts/facts.ts';
import type { Wsl, WslMode } from '../facts/wsl.ts';
import { check, type Finding } from './finding.ts';

const WORKS: Readonly<Record<WslMode, string>> = {
  nat: 'Windows reaches containers by a route and by published ports; other machines reach neither unless Windows forwards',
  mirrored:
    "this Linux has Windows' addresses: other machines reach published ports at them, no route leads to containers",
  bridged:
    'this Linux has an address in the LAN: other machines reach published ports there, and containers by a route',
  virtioproxy:
    'a Windows process relays connections: no route leads to containers, published ports are for Windows alone',
  none: 'nothing passes between this Linux and Windows; containers reach each other',
};

export function checkMode({ mode }: Wsl): Finding {
  const { pass, warning } = check('WSL', 'networking mode');
  const message = `${mode}: ${WORKS[mode]}`;
  if (mode !== 'none') return pass(message);
  return warning(message, {
    effect: 'containers reach neither the internet nor the LAN',
    suggestion: 'in .wslconfig of Windows, under [wsl2]: networkingMode=nat; then: wsl --shutdown',
  });
}

/** Fits every path beyond Windows' adapters. */
const SAFE_MTU = 1500;

/** In mirrored mode, links copy the MTU of Windows' adapters; some claim 9000 but cannot send it. */
export function checkMirroredMtu({ networks }: Facts, { mode }: Wsl): readonly Finding[] {
  if (mode !== 'mirrored') return [];
  return networks.flatMap(({ bridge, network }) => {
    if (bridge === undefined || bridge.mtu <= SAFE_MTU) return [];
    return check('WSL', 'mtu').warning(`bridge ${bridge.ifname} has MTU ${bridge.mtu}, copied from Windows`, {
      effect: 'large outgoing packets are lost: connections open and then hang',
      suggestion: `set "mtu": ${SAFE_MTU} in ${network.path} and restart the containers of "${network.name}"`,
    });
  });
}
