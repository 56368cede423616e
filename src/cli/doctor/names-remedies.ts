import type { InputState, Refuser } from '../../firewall/input-gaps.ts';
import { familyOf } from '../../input/address.ts';
import { isAtLeast } from '../../input/version.ts';
import type { ServerState } from '../../names/inspect.ts';
import type { Facts } from '../facts/facts.ts';
import type { NamesFacts, ServedNames } from '../facts/names.ts';
import type { HostNetwork } from '../network/host-network.ts';
import { shellWord } from '../self.ts';

/* Command lines that make names of containers resolve. */

type Server = ServedNames['program']['kind'];

/** The command that installs a package, by a distribution's or its model's name in os-release(5). */
const INSTALLERS: Readonly<Record<string, string>> = {
  debian: 'apt-get install',
  fedora: 'dnf install',
  rhel: 'dnf install',
  suse: 'zypper install',
  arch: 'pacman -S',
  alpine: 'apk add',
};

export function installing(kind: Server, distribution: readonly string[]): string {
  const name = distribution.find((word) => word in INSTALLERS);
  const ofDebian = kind === 'dnsmasq' && name === 'debian';
  const program = { aardvark: 'aardvark-dns', dnsmasq: ofDebian ? 'dnsmasq-base' : 'dnsmasq' }[kind];
  return name === undefined ? `install ${program}` : `sudo ${INSTALLERS[name] ?? ''} ${program}`;
}

/** What sets the server in a network's file. */
export function serverSetting({ backend }: HostNetwork, server: 'auto' | 'off'): string {
  return backend === 'cni' ? `"names": {"server": "${server}"}` : `"options": {"names": "${server}"}`;
}

/**
 * Brings a server that can be used. aardvark-dns comes in the release of netavark: beside an older one, the package would be as
 * old.
 */
export function gettingServer({ spec, file }: NamesFacts, facts: Facts): string {
  const { distribution, backend } = facts;
  if (spec?.server !== 'aardvark') return installing('dnsmasq', distribution);
  if (isAtLeast(backend.netavark?.version ?? '', [1, 13]) === true)
    return installing('aardvark', distribution);
  const place = file === undefined ? '' : `set ${serverSetting(file, 'auto')} in ${file.path}, then: `;
  return `${place}${installing('dnsmasq', distribution)}`;
}

/** Adds flatnet's directory to the profile of dnsmasq. */
const UNCONFINE = [
  "echo '/run/flatnet-names/{,**} rwk,' | sudo tee -a /etc/apparmor.d/local/usr.sbin.dnsmasq",
  'sudo apparmor_parser -r /etc/apparmor.d/usr.sbin.dnsmasq',
  'sudo flatnet reload',
].join('; ');

/** Whether AppArmor seems to keep the server from its files. */
export function isHeldDown(
  { program, state }: ServedNames,
  facts: Pick<Facts, 'isDnsmasqConfined'>,
): boolean {
  if (program.kind !== 'dnsmasq' || !facts.isDnsmasqConfined) return false;
  return /permission denied/i.test(state.said) || state.condition === 'stuck';
}

/** For a server that "flatnet reload" does not bring back. */
export function seeingWhy(served: ServedNames, facts: Pick<Facts, 'isDnsmasqConfined'>): string {
  const { said, output }: ServerState = served.state;
  if (isHeldDown(served, facts)) return UNCONFINE;
  return /in use/i.test(said) ? "sudo ss -lntup 'sport = :53'" : `sudo cat ${shellWord(output)}`;
}

/** Where questions go that a firewall is to let in. */
export interface Destination {
  readonly bridge: string;
  readonly address: string;
}

function letInBy(refuser: Refuser, { bridge, address }: Destination): readonly string[] {
  const family = familyOf(address);
  switch (refuser.by) {
    case 'firewalld': {
      const rule = `rule family="ipv${family}" destination address="${address}" service name="dns" accept`;
      const add = `--zone=${shellWord(refuser.zone)} --add-rich-rule=${shellWord(rule)}`;
      return [`sudo firewall-cmd ${add}`, `sudo firewall-cmd --permanent ${add}`];
    }
    case 'ufw':
      return [`sudo ufw allow in on ${shellWord(bridge)} to ${address} port 53`];
    case 'iptables':
      return ['udp', 'tcp'].map(
        (protocol) =>
          `sudo ${refuser.tool} -I INPUT -i ${shellWord(bridge)} -d ${address} -p ${protocol} --dport 53 -j ACCEPT`,
      );
    case 'nft': {
      const match = `iifname "${bridge}" ${family === 4 ? 'ip' : 'ip6'} daddr ${address}`;
      const rule = `insert rule ${refuser.chain} ${match} meta l4proto { tcp, udp } th dport 53 accept`;
      return [`sudo nft ${shellWord(rule)}`];
    }
  }
}

/** Lets the questions of a bridge pass every firewall that may refuse them. */
export function lettingIn({ refusers }: InputState, to: Destination): string {
  return [...new Set(refusers.flatMap((refuser) => letInBy(refuser, to)))].join('; ');
}
