import { type Context, UNBOUNDED } from '../../sys/context.ts';
import { commit } from '../../firewall/commit.ts';
import { removeForward } from '../../firewall/forward.ts';
import { removeInput } from '../../firewall/input.ts';
import { listOwnTables } from '../../firewall/listing.ts';
import { masqueradeChain } from '../../firewall/masquerade.ts';
import { removeByIptables } from '../../firewall/masquerade-iptables.ts';
import { isolationElements } from '../../firewall/isolation.ts';
import { masqAllElements, sharedElements } from '../../firewall/ports.ts';
import { removeOrphans, removeShared } from '../../firewall/rules.ts';
import type { Ruleset } from '../../firewall/ruleset.ts';
import { TABLE } from '../../firewall/table.ts';
import { listedElements } from '../../firewall/table-listing.ts';
import { ofLines } from '../../firewall/transaction.ts';
import { refreshNames } from '../../attachment/names.ts';
import { openHostStore } from '../../attachment/store.ts';
import { forgetUnnoted } from '../../names/publish.ts';
import { run } from '../../sys/process/run.ts';
import { isMissing } from '../../sys/process/nft.ts';
import { showLinks } from '../../sys/process/ip.ts';
import { findTool } from '../../sys/process/tool.ts';
import { listContainers } from '../facts/podman.ts';
import { portsOf } from '../facts/networks.ts';
import { splitPrefix } from '../../input/address.ts';
import { dataDirOf, gatewaysOf, subnetsOf } from '../facts/pools.ts';
import { inspectState } from '../facts/state.ts';
import { nameOrId } from '../text/container.ts';
import { parseAlias } from '../../veth/alias.ts';
import { HOST_IFNAME_PREFIX } from '../../veth/name.ts';
import type { HostNetwork } from './host-network.ts';

/** Attached containers, by name or id. */
export async function usersOf({ name }: HostNetwork): Promise<readonly string[]> {
  const ports = portsOf(name, await showLinks({}, UNBOUNDED));
  const users = ports.map(({ ifname, ifalias }) => {
    const content = parseAlias(ifalias ?? '');
    return content === undefined ? ifname : nameOrId(content);
  });
  return [...new Set(users)];
}

/** Containers, running or not, that could not start without the network. */
export async function dependentsOf({ name }: HostNetwork): Promise<readonly string[]> {
  const containers = await listContainers();
  return containers.filter(({ networks }) => networks.includes(name)).map((container) => container.name);
}

async function removeBridge(
  { conf, name }: HostNetwork,
  others: readonly HostNetwork[],
): Promise<readonly string[]> {
  if (conf.isUnmanaged === true)
    return [`left bridge ${conf.bridge}: it is not flatnet's (mode "unmanaged")`];
  const sibling = others.find((other) => other.name !== name && other.conf.bridge === conf.bridge);
  if (sibling !== undefined) return [`left bridge ${conf.bridge}: network "${sibling.name}" uses it too`];
  const links = await showLinks({}, UNBOUNDED);
  const bridge = links.find(({ ifname }) => ifname === conf.bridge);
  if (bridge?.linkinfo?.info_kind !== 'bridge') return [];
  const foreign = links.filter(
    ({ master, ifname }) =>
      master === conf.bridge && !portsOf(name, links).some((port) => port.ifname === ifname),
  );
  if (foreign.length > 0) {
    return [`left bridge ${conf.bridge}: ${foreign.map(({ ifname }) => ifname).join(', ')} still in it`];
  }
  await run({ tool: 'ip', args: ['link', 'del', 'dev', conf.bridge] }, UNBOUNDED);
  await removeForward({ bridge: conf.bridge, zone: conf.firewalldZone }, UNBOUNDED);
  const addresses = gatewaysOf(conf).map((one) => splitPrefix(one).address);
  await removeInput({ bridge: conf.bridge, addresses }, UNBOUNDED);
  return [`removed bridge ${conf.bridge}`];
}

async function removePorts({ name }: HostNetwork): Promise<readonly string[]> {
  const ports = portsOf(name, await showLinks({}, UNBOUNDED));
  for (const { ifname } of ports) await run({ tool: 'ip', args: ['link', 'del', 'dev', ifname] }, UNBOUNDED);
  return ports.map(({ ifname }) => `removed interface ${ifname}`);
}

async function removeChain(network: string): Promise<boolean> {
  if (findTool('nft') === undefined) return false;
  try {
    await commit(ofLines([`delete chain ${TABLE} ${masqueradeChain(network)}`]), UNBOUNDED);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Removes both backends' rules: the network may have changed its backend. */
async function removeMasquerade({ name }: HostNetwork): Promise<readonly string[]> {
  const isChainRemoved = await removeChain(name);
  const removed = await removeByIptables(name, UNBOUNDED);
  return isChainRemoved || removed.length > 0 ? [`removed the masquerade of "${name}"`] : [];
}

/** Removes the network's elements, except those that another network shares. */
async function removeElements(
  { conf }: HostNetwork,
  others: readonly HostNetwork[],
  ctx: Context,
): Promise<void> {
  await removeOrphans(ctx);
  const { bridge } = conf;
  const taken = new Set(others.flatMap((other) => subnetsOf(other.conf)));
  const subnets = subnetsOf(conf).filter((subnet) => !taken.has(subnet));
  const ofSubnets = [...sharedElements(bridge, subnets, false), ...masqAllElements(bridge, subnets)];
  const ofBridge = [
    ...sharedElements(bridge, [], true),
    ...isolationElements({ bridge, ingressPolicy: 'isolated', internal: true }),
  ];
  const isShared = others.some((other) => other.conf.bridge === bridge);
  await removeShared(isShared ? ofSubnets : [...ofSubnets, ...ofBridge], ctx);
}

/** Whether tables contain no network's element or masquerade. */
function isUnused(ruleset: Ruleset): boolean {
  const used = [masqueradeChain(''), HOST_IFNAME_PREFIX];
  // Does not list the elements that hold the host's own addresses.
  return (
    listedElements(ruleset).length === 0 &&
    !ruleset.chains.some(({ name }) => used.some((prefix) => name.startsWith(prefix)))
  );
}

/** Removes the tables with the last network, unless a network of another directory uses them. */
async function removeTables(others: readonly HostNetwork[]): Promise<readonly string[]> {
  if (others.length > 0) return [];
  const ruleset = await listOwnTables(UNBOUNDED);
  if (ruleset.tables.length === 0 || !isUnused(ruleset)) return [];
  await commit(ofLines(ruleset.tables.map((table) => `delete table ${table}`)), UNBOUNDED);
  return ruleset.tables.map((table) => `removed table ${table}`);
}

async function releaseAll({ name, conf }: HostNetwork): Promise<readonly string[]> {
  if (conf.ipam.from === 'source') return [];
  const state = await inspectState(dataDirOf(conf));
  if (!state.allocations.some(({ network }) => network === name)) return [];
  const freed = await openHostStore(dataDirOf(conf), UNBOUNDED).retain(name, []);
  return freed.map(({ address }) => `released ${address}`);
}

/** @param others the remaining networks, which may share bridge, subnets and tables. */
export async function clearNetwork(
  network: HostNetwork,
  others: readonly HostNetwork[],
  ctx: Context,
): Promise<readonly string[]> {
  const ports = await removePorts(network);
  // No link is left, so the server has no container to answer for.
  const unserved = await refreshNames(ctx, (name) => name === network.name);
  const done = [
    ...ports,
    ...unserved,
    ...(await forgetUnnoted()),
    ...(await removeBridge(network, others)),
    ...(await removeMasquerade(network)),
  ];
  await removeElements(network, others, ctx);
  return [...done, ...(await removeTables(others)), ...(await releaseAll(network))];
}
