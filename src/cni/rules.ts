import { needsLoopback, portElements, sharedElements } from '../bridge/ports.ts';
import { isolationElements, spoofElements } from '../bridge/isolation.ts';
import { ensureRules, PortTakenError, removeElements } from '../bridge/rules.ts';
import type { Element } from '../bridge/table.ts';
import { sameAttachment } from '../ipam/state.ts';
import type { Store } from '../ipam/store.ts';
import type { Defer } from '../rollback.ts';
import { flushUdpFlows } from '../sys/conntrack.ts';
import { showLinks } from '../sys/ip.ts';
import { ensureSysctl } from '../sys/sysctl.ts';
import { ToolMissingError } from '../sys/tool.ts';
import { parseAlias } from '../veth/alias.ts';
import { macForAddress } from '../veth/mac.ts';
import { hostIfname } from '../veth/name.ts';
import { CniError, CODE } from './errors.ts';
import { forgetForeign, recallForeign, rememberForeign } from './foreign.ts';
import type { Lease } from './lease.ts';
import { type Memory, recall } from './memory.ts';
import { sparedElements } from './publish.ts';
import type { Request } from './request.ts';
import { noteIsolation, withdrawIsolation } from './withdraw.ts';

/** Elements that an attachment alone has. */
export function ownElements(memory: Memory, owner: string, addresses: readonly string[]): readonly Element[] {
  const ports = portElements(owner, memory.portMappings, addresses);
  if (!memory.macspoofchk) return ports;
  const mac = memory.mac ?? macForAddress(addresses[0] ?? owner);
  return [...ports, ...spoofElements(owner, mac, addresses)];
}

/** Elements that an attachment needs and others of its network share. */
export function networkElements(memory: Memory, addresses: readonly string[]): readonly Element[] {
  const isolation = isolationElements(memory);
  if (memory.portMappings.length === 0) return isolation;
  const withLoopback = needsLoopback(memory.portMappings, addresses);
  return [...isolation, ...sharedElements(memory.bridge, memory.subnets, withLoopback)];
}

/** All elements that an attachment needs. */
export function elementsOf(memory: Memory, owner: string, addresses: readonly string[]): readonly Element[] {
  return [...networkElements(memory, addresses), ...ownElements(memory, owner, addresses)];
}

/** What the kernel has to be told once the guard against packets for 127.0.0.1 from the bridge stands. */
export function openLoopback(elements: readonly Element[], bridge: string): void {
  if (elements.some(({ set }) => set === 'loopback')) {
    ensureSysctl(`net/ipv4/conf/${bridge}/route_localnet`, '1');
  }
}

/** UDP ports of the host that lead to the container. */
function udpPorts({ portMappings }: Memory): readonly number[] {
  return portMappings.filter(({ protocol }) => protocol === 'udp').map(({ hostPort }) => hostPort);
}

/** On a machine that has only iptables, nft is missed by what iptables does not do. */
const NEEDS_NFT =
  'published ports, "macspoofchk", "ingressPolicy" and "internal" need it, iptables does no more than masquerade and forward';

/** Says who has the port, as far as the owner's link tells; or what the missing nft is needed for. */
async function explainRules(error: unknown): Promise<unknown> {
  if (error instanceof ToolMissingError && error.tool === 'nft') {
    const details = `${NEEDS_NFT}; ${error.remedy}`;
    return new CniError(CODE.notAvailable, error.message, { details, cause: error });
  }
  if (!(error instanceof PortTakenError)) return error;
  const [link] = await showLinks(error.owner);
  const holder = parseAlias(link?.ifalias ?? '');
  const who = holder === undefined ? `link "${error.owner}"` : `container "${holder.containerID}"`;
  return new CniError(
    CODE.firewall,
    `Cannot publish port "${error.element.key}" of the host: ${who} has it`,
    {
      details: 'stop that container, or publish another host port',
      cause: error,
    },
  );
}

/** The rules of an attachment: its published ports, its network's masquerade, and what both need of the kernel. */
export async function applyRules(
  request: Request,
  lease: Pick<Lease, 'addresses' | 'memory'>,
  defer: Defer,
): Promise<void> {
  const { memory } = lease;
  const owner = hostIfname(request.attachment);
  const addresses = lease.addresses.map(({ address }) => address);
  const own = ownElements(memory, owner, addresses);
  const elements = [...networkElements(memory, addresses), ...own];
  if (own.length > 0) defer('remove the rules', () => removeElements(owner, undefined));
  try {
    const masquerade = memory.ipMasq ? memory.subnets : [];
    const spec = { network: request.conf.name, masquerade, backend: memory.ipMasqBackend, elements };
    noteIsolation(memory);
    await ensureRules(spec, request.signal);
  } catch (error) {
    throw await explainRules(error);
  }
  openLoopback(elements, memory.bridge);
  if (request.conf.ipam.kind === 'delegated') {
    defer('forget the attachment', () => {
      forgetForeign(owner);
      return Promise.resolve();
    });
    rememberForeign({ network: request.conf.name, owner, addresses, memory });
  }
  const { ipam } = request.conf;
  await withdrawIsolation(memory, ipam.kind === 'builtin' ? ipam.dataDir : undefined);
  await flushUdpFlows(udpPorts(memory));
}

/** What an attachment has of the rules. */
export interface OwnRules {
  readonly owner: string;
  /** `undefined` when they are not known one by one: whatever bears the owner's name. */
  readonly elements: readonly Element[] | undefined;
  readonly udpPorts: readonly number[];
}

/** By what bears the owner's name: who else claims the ports by now is known of flatnet's own addresses only. */
function findForeignRules(owner: string): OwnRules {
  const known = recallForeign(owner);
  if (known === undefined) return { owner, elements: undefined, udpPorts: [] };
  const own = ownElements(known.memory, owner, known.addresses);
  return { owner, elements: own.length === 0 ? [] : undefined, udpPorts: udpPorts(known.memory) };
}

/**
 * Finds the rules of an attachment, as remembered with its addresses. Runs no process and takes no lock.
 *
 * @param store where the addresses are kept; `undefined` when another plugin gave them.
 */
export async function findRules(
  { attachment }: Pick<Request, 'attachment'>,
  store: Store | undefined,
): Promise<OwnRules> {
  const owner = hostIfname(attachment);
  if (store === undefined) return findForeignRules(owner);
  const held = await store.list();
  const own = held.filter((allocation) => sameAttachment(allocation, attachment));
  const memory = recall(own[0]?.data);
  if (memory === undefined) return { owner, elements: undefined, udpPorts: [] };
  const addresses = own.map(({ address }) => address);
  const others = held.filter((allocation) => !sameAttachment(allocation, attachment));
  const elements = sparedElements(ownElements(memory, owner, addresses), others);
  return { owner, elements, udpPorts: udpPorts(memory) };
}

/** Removes the rules of an attachment, the flows they made, and what is noted of it. */
export async function removeRules({ owner, elements, udpPorts: ports }: OwnRules): Promise<void> {
  await removeElements(owner, elements);
  await flushUdpFlows(ports);
  forgetForeign(owner);
}
