import { isOwnBridge } from '../../bridge/mac.ts';
import { formatAddress, splitPrefix } from '../../input/address.ts';
import { type Fields, isFields } from '../../input/parse.ts';
import type { ContainersConf } from '../../sys/containers-conf.ts';
import type { Context } from '../../sys/context.ts';
import { listNames, pathInfo, readText } from '../../sys/files/text-file.ts';
import { formatAddressInfo, type LinkInfo, showLinks } from '../../sys/process/ip.ts';
import { NETWORK_DIRECTORIES } from '../../sys/network-directories.ts';
import { readHostRoutes } from '../../sys/routes.ts';

/** A subnet or address that is in use. */
export interface TakenSubnet {
  /** CIDR, or a bare address. */
  readonly cidr: string;
  /** Who has it, for messages: `network "lab" (/etc/containers/networks/lab.json)`. */
  readonly what: string;
  /** The link it is on; absent where a file says so. */
  readonly link?: string;
}

/** A bridge that another network has. */
export interface TakenBridge {
  readonly name: string;
  readonly what: string;
}

/** A bridge of flatnet's that no network names any more and no container is on; Podman tells nobody of a network's end. */
export interface Leftover {
  readonly name: string;
  /** CIDRs of its addresses. */
  readonly gateways: readonly string[];
}

/** What a new network must leave alone. */
export interface Taken {
  readonly subnets: readonly TakenSubnet[];
  /** Of other networks. */
  readonly bridges: readonly TakenBridge[];
  /** Every link of the host; `isBridge` tells what a network could use. */
  readonly links: readonly { readonly name: string; readonly isBridge: boolean }[];
  readonly leftovers: readonly Leftover[];
}

/** The network `podman`, which is there without a file. */
const DEFAULT_SUBNET = '10.88.0.0/16';

interface FileFacts {
  readonly name: string;
  readonly path: string;
  readonly subnets: readonly string[];
  readonly bridges: readonly string[];
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(...values: readonly unknown[]): readonly string[] {
  return values.filter((value) => typeof value === 'string').filter((value) => value !== '');
}

/** Subnets of an `ipam` section as host-local has them. */
function subnetsOfIpam(section: unknown): readonly string[] {
  const ipam = fieldsOf(section);
  const ranges = listOf(ipam['ranges']).flatMap(listOf).map(fieldsOf);
  return textsOf(ipam['subnet'], ...ranges.map((range) => range['subnet']));
}

/** Subnets and bridges of a file of a network: netavark's, or CNI's, where each plugin of the list has its own. */
export function readNetworkFile(text: string, path: string): FileFacts | undefined {
  let file: Fields;
  try {
    file = fieldsOf(JSON.parse(text));
  } catch {
    // No network that Podman could use.
    return undefined;
  }
  const plugins = listOf(file['plugins']).map(fieldsOf);
  return {
    name: textsOf(file['name'])[0] ?? '',
    path,
    subnets: [
      ...textsOf(...listOf(file['subnets']).map((subnet) => fieldsOf(subnet)['subnet'])),
      ...plugins.flatMap((plugin) => subnetsOfIpam(plugin['ipam'])),
    ],
    bridges: textsOf(file['network_interface'], ...plugins.map((plugin) => plugin['bridge'])),
  };
}

function readNetworkFiles(conf: ContainersConf): readonly FileFacts[] {
  const own = conf.networkDirectory;
  const directories = [
    ...new Set([...(own === undefined ? [] : [own]), NETWORK_DIRECTORIES.netavark, NETWORK_DIRECTORIES.cni]),
  ];
  return directories.flatMap((directory) =>
    listNames(directory)
      .filter((name) => /\.(json|conflist|conf)$/.test(name))
      .map((name) => `${directory}/${name}`)
      .filter((path) => pathInfo(path)?.kind === 'file')
      .flatMap((path) => readNetworkFile(readText(path) ?? '', path) ?? []),
  );
}

function globalAddresses({ addr_info: addresses = [] }: LinkInfo): readonly string[] {
  return addresses.filter(({ scope }) => scope === 'global').map(formatAddressInfo);
}

function subnetsOfHost(links: readonly LinkInfo[]): readonly TakenSubnet[] {
  const routes = readHostRoutes().map(({ family, first, prefix, link }) => {
    const cidr = `${formatAddress({ family, value: first })}/${prefix}`;
    return { cidr, link, what: `a route of the host through "${link}"` };
  });
  const addresses = links.flatMap((link) =>
    globalAddresses(link).map((address) => ({
      cidr: splitPrefix(address).address,
      link: link.ifname,
      what: `an address of "${link.ifname}"`,
    })),
  );
  return [...routes, ...addresses];
}

function leftoversAmong(links: readonly LinkInfo[], named: readonly string[]): readonly Leftover[] {
  const used = new Set([...named, ...links.flatMap(({ master }) => master ?? [])]);
  return links
    .filter((link) => link.linkinfo?.info_kind === 'bridge' && isOwnBridge(link) && !used.has(link.ifname))
    .map((link) => ({ name: link.ifname, gateways: globalAddresses(link) }));
}

/**
 * Looks for all that a network of that name must leave alone. Files of its own name are its own: a network of CNI that is
 * made anew for netavark.
 */
export async function lookForTaken(network: string, conf: ContainersConf, ctx: Context): Promise<Taken> {
  const links = await showLinks({}, ctx);
  const files = readNetworkFiles(conf).filter(({ name }) => name !== network);
  const describe = ({ name, path }: FileFacts) => `network "${name}" (${path})`;
  const bridges = files.flatMap((file) => file.bridges.map((name) => ({ name, what: describe(file) })));
  return {
    subnets: [
      { cidr: conf.defaultSubnet ?? DEFAULT_SUBNET, what: "Podman's default network" },
      ...files.flatMap((file) => file.subnets.map((cidr) => ({ cidr, what: describe(file) }))),
      ...subnetsOfHost(links),
    ],
    bridges,
    links: links.map(({ ifname, linkinfo }) => ({
      name: ifname,
      isBridge: linkinfo?.info_kind === 'bridge',
    })),
    leftovers: leftoversAmong(
      links,
      bridges.map(({ name }) => name),
    ),
  };
}
