import { networkOf, formatAddress, parseCidr } from '../../ipam/address.ts';
import type { Facts } from '../facts/facts.ts';
import { uplinkOf } from '../facts/uplink.ts';
import { check, type Finding } from './finding.ts';

/** This host's address towards Windows: the one on the link of the default route. */
function ownAddress(facts: Facts): string | undefined {
  return uplinkOf(facts)?.addr_info?.find(({ family, scope }) => family === 'inet' && scope === 'global')
    ?.local;
}

/** The mask that Windows' `route` wants: `255.255.255.0` for 24. */
export function maskOf(prefix: number): string {
  const { first } = networkOf({ family: 4, value: 0xffffffffn, prefix });
  return formatAddress({ family: 4, value: first });
}

function routeFor(subnet: string, via: string): string | undefined {
  const cidr = parseCidr(subnet);
  if (cidr?.family !== 4) return undefined;
  return `route add ${formatAddress(cidr)} mask ${maskOf(cidr.prefix)} ${via}`;
}

function checkRoute(facts: Facts): readonly Finding[] {
  const { skipped } = check('WSL', 'windows route');
  const via = ownAddress(facts);
  const subnets = facts.networks.flatMap((network) => network.subnets);
  if (via === undefined || subnets.length === 0) return [];
  const commands = subnets.flatMap((subnet) => routeFor(subnet, via) ?? []);
  return [skipped(`cannot be seen from here; Windows needs, as administrator: ${commands.join('; ')}`)];
}

/** Checks of what gets lost when Windows restarts its Linux. Nothing on other machines. */
export function checkWsl(facts: Facts): readonly Finding[] {
  const { wsl } = facts;
  if (wsl === undefined) return [];
  const { pass, warning } = check('WSL', 'forwarding after restart');
  const runsAtBoot = wsl.hasSystemd || (wsl.bootCommand ?? '').includes('flatnet');
  const persistence = !facts.isForwardingPersistent
    ? warning('no file in /etc/sysctl.d sets net.ipv4.ip_forward', {
        effect: 'after "wsl --shutdown" Windows reaches no container until somebody runs it again',
        suggestion: 'sudo flatnet forwarding enable --persist',
      })
    : !runsAtBoot
      ? warning('/etc/wsl.conf starts neither systemd nor flatnet at boot', {
          effect: 'rules of the packet filter are gone after "wsl --shutdown"',
          suggestion: `printf '[boot]\\nsystemd=true\\n' | sudo tee -a /etc/wsl.conf`,
        })
      : pass('forwarding is set again at boot');
  return [persistence, ...checkRoute(facts)];
}
