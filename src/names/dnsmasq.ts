import { DNS_PORT } from '../input/dns-port.ts';
import { hostsForm } from './record.ts';
import type { FilledZone, Zone } from './zone.ts';

/*
 * dnsmasq: a process for each network. It sees by inotify when a file in `hostsdir` is replaced, and since 2.88 forgets
 * what the former one said.
 */

/** Below the directory of all names. */
export function dnsmasqDirectory(network: string): string {
  return `dnsmasq/${network}`;
}

export const DNSMASQ_PID = 'dnsmasq.pid';
/** A directory that only dnsmasq reads: it takes every file in it for names. */
export const DNSMASQ_HOSTS = 'hosts';

/** In the form of hosts(5): each name with the domain and without. */
export function formatDnsmasq({ zone, records }: FilledZone): string {
  const lines = hostsForm(records, (name) => `${name}.${zone.domain} ${name}`);
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * It goes into the background by itself. `bind-dynamic`: no socket on the wildcard address, which a server of the host
 * may have, and addresses that come later are taken up. The host's resolv.conf is read again when it changes; dnsmasq
 * leaves out servers there that are itself, which it knows at another port only by a question that comes back.
 */
export function dnsmasqArgs(
  directory: string,
  { bridge, domain, listen, internal, port = DNS_PORT }: Zone,
): readonly string[] {
  return [
    '--conf-file=/dev/null',
    `--pid-file=${directory}/${DNSMASQ_PID}`,
    `--port=${port}`,
    '--bind-dynamic',
    `--interface=${bridge}`,
    '--except-interface=lo',
    ...listen.map((address) => `--listen-address=${address}`),
    '--no-hosts',
    `--hostsdir=${directory}/${DNSMASQ_HOSTS}`,
    `--local=/${domain}/`,
    '--domain-needed',
    ...(port === DNS_PORT ? [] : ['--dns-loop-detect']),
    ...(internal ? ['--no-resolv'] : ['--resolv-file=/etc/resolv.conf']),
  ];
}
