import { readFile } from 'node:fs/promises';
import type { Host } from '../../conformance/host.ts';

/*
 * What the kernel says: links with their aliases, addresses inside the sandboxes, the packet filter. Nothing of it is
 * asked of flatnet, nor read by its code.
 */

/** Where the look leaves what it saw; outside of everything that a history removes. */
export const DESK = '/run/props';

/** A host end of flatnet's making. */
export interface HostLink {
  readonly name: string;
  /** `network/container/ifname`, by its alias; empty where it has none. */
  readonly triple: string;
}

/** An element of a port map. */
export interface PortElement {
  readonly map: string;
  /** `tcp 20001`, `tcp 127.0.0.1 20001`. */
  readonly key: string;
  readonly address: string;
  readonly port: number;
  /** Name of a host link. */
  readonly owner: string;
}

/** One look at the kernel. */
export interface Kernel {
  readonly links: readonly HostLink[];
  /** Addresses by container and interface, `a eth0`, without those of a link alone. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly elements: readonly PortElement[];
  /** Names of links that elements of any set bear. */
  readonly owners: ReadonlySet<string>;
  /** Chains of table inet flatnet. */
  readonly chains: readonly string[];
  /** Port maps that a rule looks at. */
  readonly consulted: ReadonlySet<string>;
}

const PORT_MAPS: readonly unknown[] = ['ports4', 'ports6', 'bound4', 'bound6'];

/** Shell lines that look at the kernel. */
export function lookLines(sandboxes: Iterable<string>): readonly string[] {
  return [
    `ip -j link show type veth >${DESK}/links`,
    ...[...sandboxes].map((name) => `ip -n ${name} -j addr show >${DESK}/addresses.${name}`),
    `nft -j list table inet flatnet >${DESK}/table 2>${DESK}/no-table || :`,
  ];
}

/** Reads what the lines left. */
export async function readKernel(host: Host, sandboxes: Iterable<string>): Promise<Kernel> {
  const read = async (name: string): Promise<any> => {
    const text = await readFile(host.file(`${DESK}/${name}`), 'utf8');
    return text === '' ? [] : JSON.parse(text);
  };
  const inside = await Promise.all(
    [...sandboxes].map(async (name) => addressesOf(name, await read(`addresses.${name}`))),
  );
  const table = (await read('table')).nftables ?? [];
  return {
    links: linksOf(await read('links')),
    addresses: new Map(inside.flat()),
    elements: table.flatMap((object: any) => elementsOf(object.map)),
    owners: new Set([...JSON.stringify(table).matchAll(/"(fn[0-9a-z]{13})"/g)].map(([, name]) => name!)),
    chains: table.flatMap(({ chain }: any) => (chain === undefined ? [] : [chain.name])),
    consulted: new Set(table.flatMap(({ rule }: any) => mapsIn(JSON.stringify(rule ?? '')))),
  };
}

function linksOf(links: readonly any[]): HostLink[] {
  return links
    .filter(({ ifname }) => /^fn[0-9a-z]{13}$/.test(ifname))
    .map(({ ifname, ifalias = '' }) => {
      const [, net, id, inside] = /;net=([^;]*);id=([^;]*);if=([^;]*)/.exec(ifalias) ?? [];
      return { name: ifname, triple: net === undefined ? '' : `${net}/${id}/${inside}` };
    });
}

function addressesOf(name: string, links: readonly any[]): [string, string[]][] {
  return links.map(({ ifname, addr_info: all = [] }) => [
    `${name} ${ifname}`,
    all.filter(({ scope }: any) => scope === 'global').map(({ local }: any) => local),
  ]);
}

function elementsOf(map: any): PortElement[] {
  if (!PORT_MAPS.includes(map?.name)) return [];
  return (map.elem ?? []).map(([key, value]: any) => ({
    map: map.name,
    key: (key.elem?.val ?? key).concat.join(' '),
    address: value.concat[0],
    port: value.concat[1],
    owner: key.elem?.comment ?? '',
  }));
}

function mapsIn(rule: string): string[] {
  return [...rule.matchAll(/"@((?:ports|bound)[46])"/g)].map(([, name]) => name!);
}
