import { type Fields, isFields } from '../../input/parse.ts';
import type { Limits } from '../limits.ts';
import type { AddressInfo, KernelRoute, LinkInfo, Neighbour } from '../link-info.ts';
import { isRefusal } from '../netlink/error.ts';
import { isLinkInfo, parseList } from '../process/ip.ts';
import { type Command, run } from '../process/run.ts';
import { runSync } from '../process/run-sync.ts';
import { asRefusal } from './refusal.ts';
import { parseRoutes } from './routes.ts';
import type { PlainLinks, PlainRequest } from './way.ts';

/* Links, addresses, routes and neighbours through `ip` and `bridge` of iproute2. */

export interface Place {
  readonly limits: Limits;
  readonly netnsFd: number | undefined;
}

const BATCH = ['-j', '-d', '-batch', '-'];
/** States of a neighbour that has answered, or of a static entry. */
const ANSWERED = ['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT'];

function batchOf(requests: readonly PlainRequest[], { netnsFd }: Place): Command {
  const input = requests.map(({ line }) => `${line}\n`).join('');
  const handedOver = requests.find((request) => request.handedOver !== undefined)?.handedOver;
  return { tool: 'ip', args: BATCH, input, netnsFd, handedOver };
}

function apply(requests: readonly PlainRequest[], place: Place): void {
  if (requests.length === 0) return;
  try {
    runSync(batchOf(requests, place), place.limits);
  } catch (error) {
    throw asRefusal(
      error,
      requests.map(({ line }) => line),
    );
  }
}

async function applyInBackground(request: PlainRequest, place: Place): Promise<void> {
  try {
    await run(batchOf([request], place), place.limits);
  } catch (error) {
    throw asRefusal(error, [request.line]);
  }
}

/** The program's stdout. @throws NetlinkError if the kernel refused. */
function ask(tool: 'ip' | 'bridge', args: readonly string[], { limits, netnsFd }: Place): string {
  try {
    return runSync({ tool, args, netnsFd }, limits).stdout;
  } catch (error) {
    throw asRefusal(error, [args.filter((word) => !word.startsWith('-')).join(' ')]);
  }
}

/** As `ask`; empty if the object does not exist. */
function askUnlessGone(tool: 'ip' | 'bridge', args: readonly string[], place: Place): readonly unknown[] {
  try {
    return parseList(ask(tool, args, place));
  } catch (error) {
    if (isRefusal(error, 'ENODEV', 'ENOENT', 'EINVAL')) return [];
    throw error;
  }
}

function look(name: string, place: Place): LinkInfo | undefined {
  const listed = askUnlessGone('ip', ['-j', '-d', 'addr', 'show', 'dev', name], place);
  // For "if5", if no such link exists, `ip` shows the link of index 5.
  // The kernel finds a link by a further name, too.
  return listed
    .filter(isLinkInfo)
    .find(({ ifname, altnames = [] }) => ifname === name || altnames.includes(name));
}

function addresses(place: Place): readonly AddressInfo[] {
  const listed = parseList(ask('ip', ['-j', '-d', 'addr', 'show'], place));
  return listed.filter(isLinkInfo).flatMap(({ addr_info: own = [] }) => own);
}

const ROUTE_LINES = ['link show', 'route show table all'];

/** Links and routes from one program, because routes refer to links by name. */
function listRoutes(family: 4 | 6, { limits, netnsFd }: Place): readonly string[] {
  const input = `${ROUTE_LINES.join('\n')}\n`;
  try {
    const args = ['-N', `-${family}`, ...BATCH];
    return runSync({ tool: 'ip', args, input, netnsFd }, limits).stdout.trim().split('\n');
  } catch (error) {
    const refusal = asRefusal(error, ROUTE_LINES);
    // The kernel runs without IPv6.
    if (isRefusal(refusal, 'ENOTSUP', 'EAFNOSUPPORT')) return [];
    throw refusal;
  }
}

function routes(family: 4 | 6, place: Place): readonly KernelRoute[] {
  const [links = '', listing = ''] = listRoutes(family, place);
  const numbers = parseList(links)
    .filter(isLinkInfo)
    .map(({ ifname, ifindex }) => [ifname, ifindex] as const);
  return parseRoutes(parseList(listing), family, new Map(numbers));
}

/** Of several entries of an address on one link, at most one has answered. */
function neighbour(link: string, address: string, place: Place): Neighbour | undefined {
  const listed = askUnlessGone('ip', ['-j', 'neigh', 'show', 'to', address, 'dev', link], place);
  const found = listed.filter(isFields).find(({ dst }) => dst === address);
  const mac = found?.['lladdr'];
  const states = stateOf(found);
  if (typeof mac !== 'string' || !states.some((state) => ANSWERED.includes(state))) return undefined;
  return { mac, isPermanent: states.includes('PERMANENT') };
}

function stateOf(entry: Fields | undefined): readonly string[] {
  const state = entry?.['state'];
  return Array.isArray(state) ? state.map(String) : [];
}

/** Entries of the ports themselves (`self`) are not of stations behind them. */
function isBehindBridge(bridge: string, mac: string, place: Place): boolean {
  const listed = askUnlessGone('bridge', ['-j', 'fdb', 'show', 'br', bridge], place).filter(isFields);
  return listed.some((entry) => entry['mac'] === mac && entry['master'] === bridge);
}

export function linksBy(place: Place): PlainLinks {
  return {
    apply: (requests) => {
      apply(requests, place);
    },
    applyInBackground: (request) => applyInBackground(request, place),
    look: (name) => look(name, place),
    addresses: () => addresses(place),
    routes: (family) => routes(family, place),
    neighbour: (link, address) => neighbour(link, address, place),
    isBehindBridge: (bridge, mac) => isBehindBridge(bridge, mac, place),
  };
}
