import type { PortMapping } from '../../firewall/ports.ts';
import { formatAddress, networkOf, parseCidr } from '../../input/address.ts';
import type { Facts } from '../facts/facts.ts';
import { publishedPorts } from '../facts/published.ts';
import type { Wsl } from '../facts/wsl.ts';
import { check, type Finding } from './finding.ts';

/** Windows' `route` takes a mask, not a prefix: `255.255.255.0` for 24. */
function maskOf(prefix: number): string {
  const { first } = networkOf({ family: 4, value: 0xffffffffn, prefix });
  return formatAddress({ family: 4, value: first });
}

function routeFor(subnet: string, via: string): string | undefined {
  const cidr = parseCidr(subnet);
  if (cidr?.family !== 4) return undefined;
  return `route add ${formatAddress(cidr)} mask ${maskOf(cidr.prefix)} ${via}`;
}

const FORWARDING =
  'for other machines to come through Windows, in PowerShell: Set-NetIPInterface -AddressFamily IPv4 -Forwarding Enabled';

export function checkRoute({ networks }: Facts, { mode, address }: Wsl): readonly Finding[] {
  const { skipped } = check('WSL', 'windows route');
  if (mode === 'none') return [];
  if (mode === 'mirrored' || mode === 'virtioproxy') {
    return [
      skipped(
        `none: in mode "${mode}" a route to containers leads nowhere; publish ports (podman run -p) instead`,
      ),
    ];
  }
  const commands = networks
    .flatMap(({ subnets }) => subnets)
    .flatMap((subnet) => (address === undefined ? [] : (routeFor(subnet, address) ?? [])));
  if (commands.length === 0) return [];
  const more = mode === 'nat' ? `; ${FORWARDING}` : '';
  return [
    skipped(
      `cannot be seen from here; run in Windows as administrator: ${[...new Set(commands)].join('; ')}${more}`,
    ),
  ];
}

function isForLocalhost({ protocol, hostIP }: PortMapping): boolean {
  return protocol === 'tcp' && ['', '0.0.0.0', '127.0.0.1'].includes(hostIP ?? '');
}

function listPorts(ports: readonly number[]): string {
  return [...new Set(ports)].toSorted((one, other) => one - other).join(', ');
}

/**
 * Windows relays its localhost only to listening sockets, not by packet-filter rules; conmon listens up to Podman 5.
 */
export function checkLocalhost(facts: Facts, { mode, address, listening }: Wsl): readonly Finding[] {
  const { pass, warning } = check('WSL', 'windows localhost');
  const wanted = publishedPorts(facts).filter(isForLocalhost);
  if (wanted.length === 0 || mode === 'none') return [];
  const unheld = wanted.map(({ hostPort }) => hostPort).filter((port) => !listening.includes(port));
  if (unheld.length === 0) return [pass('a process listens on each published TCP port over IPv4')];
  const instead =
    mode === 'nat' && address !== undefined
      ? `in Windows, use ${address} instead of localhost`
      : "from other machines use Windows' address";
  return [
    warning(`nothing listens over IPv4 on published port ${listPorts(unheld)}`, {
      effect: 'Windows cannot reach it as "localhost"; other clients can',
      suggestion: `${instead}; Podman up to 5 listens on each port, 6.1 with "force_port_listen" in containers.conf`,
    }),
  ];
}

/** VMCreatorId of WSL in Hyper-V's firewall. */
const WSL_CREATOR = '{40E0AC32-46A5-438A-A0B2-2B479E8F2E90}';

/** In mirrored mode, Hyper-V's firewall blocks connections from other machines unless a rule allows the port. */
export function checkFirewall(facts: Facts, { mode }: Wsl): readonly Finding[] {
  if (mode !== 'mirrored') return [];
  const rules = (['tcp', 'udp'] as const).flatMap((protocol) => {
    const ports = publishedPorts(facts)
      .filter((port) => port.protocol === protocol && !(port.hostIP ?? '').startsWith('127.'))
      .map(({ hostPort }) => hostPort);
    if (ports.length === 0) return [];
    return `New-NetFirewallHyperVRule -Name flatnet-${protocol} -DisplayName flatnet-${protocol} -Direction Inbound -VMCreatorId '${WSL_CREATOR}' -Protocol ${protocol.toUpperCase()} -LocalPorts ${listPorts(ports)}`;
  });
  if (rules.length === 0) return [];
  return [
    check('WSL', 'windows firewall').skipped(
      `cannot be seen from here; other machines reach published ports when Windows 11 has, as administrator in PowerShell: ${rules.join('; ')}`,
    ),
  ];
}
