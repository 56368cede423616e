import { familyOf, parseAddress } from '../input/address.ts';
import { nameserversIn } from '../input/resolv-conf.ts';
import type { NameRecord } from './record.ts';
import type { FilledZone, Zone } from './zone.ts';

/*
 * aardvark-dns (its config.md): a directory with one file for each network and one process for all of them, which has
 * one domain. So each domain has a directory and a process of its own.
 */

/** Below the directory of all names. */
export function aardvarkDirectory(domain: string): string {
  return `aardvark/${domain}`;
}

export const AARDVARK_PID = 'aardvark.pid';

/** `%int`: nothing is asked of other servers. The prefix keeps it apart from the file of the process. */
export function aardvarkFile({ network, internal }: Zone): string {
  return `net-${network}${internal ? '%int' : ''}`;
}

function lineOf({ containerID, addresses, names }: NameRecord): string {
  const of = (family: 4 | 6) => addresses.filter((address) => familyOf(address) === family).join(',');
  return `${containerID} ${of(4)} ${of(6)} ${names.join(',')}`;
}

/**
 * The servers to ask about everything else. aardvark-dns asks those of the host's resolv.conf by itself, except where one of them is
 * a zone's own: a host that asks flatnet for names would be asked in a circle.
 * @param own addresses at which zones are served.
 * @returns nothing for those of the host; `none` where no other is left.
 */
export function upstreamsFor(own: readonly string[], resolvConf: string): readonly string[] | 'none' {
  const servers = nameserversIn(resolvConf);
  if (!servers.some((server) => own.includes(server))) return [];
  const others = servers.filter((server) => !own.includes(server) && parseAddress(server) !== undefined);
  return others.length === 0 ? 'none' : others;
}

/**
 * The first line has the addresses to listen on and, if given, the servers to ask about everything else; without, it
 * takes those of the host's resolv.conf.
 */
export function formatAardvark({ zone, records }: FilledZone, upstreams: readonly string[]): string {
  const servers = upstreams.length === 0 ? '' : ` ${upstreams.join(',')}`;
  const lines = records.filter(({ names }) => names.length > 0).map(lineOf);
  return `${[`${zone.listen.join(',')}${servers}`, ...lines].join('\n')}\n`;
}

/** It goes into the background by itself. */
export function aardvarkArgs(directory: string, domain: string, port: number): readonly string[] {
  return ['--config', directory, '--port', String(port), '--filter-search-domain', `${domain}.`, 'run'];
}
