import { familyOf } from '../input/address.ts';
import { DNS_PORT } from '../input/dns-port.ts';
import type { Context } from '../sys/context.ts';
import { forgetMark, readMark, tryWriteMark } from '../sys/files/marks.ts';
import { openFilter } from '../sys/kernel.ts';
import { commit } from './commit.ts';
import { converge } from './converge.ts';
import { FeatureMissingError, requireGroups } from './features.ts';
import { changesBetween } from './port-plan.ts';
import { beginPlan, readElements } from './read-elements.ts';
import { brokenGroups, readTable } from './read-rules.ts';
import { type Group, NAMES_SETS } from './sets.ts';
import type { Element } from './table.ts';
import { planTables } from './table-plan.ts';
import { isWithoutNft, orWithoutFilter } from './without-filter.ts';

/*
 * Containers ask for names at port 53 of the bridge's address, which others may have: a server of the host on all addresses
 * keeps ours from listening there, and a port 53 that a container publishes on all addresses is one of this address, too.
 */

/** A server of names, and the bridge whose containers ask it at port 53 of that address. */
export interface NamesPort {
  readonly bridge: string;
  readonly address: string;
  /** Where it listens. */
  readonly port: number;
}

const GROUPS: ReadonlySet<Group> = new Set(['names']);
const PROTOCOLS = ['udp', 'tcp'] as const;
/** The link by which the host asks itself. */
const HOST = 'lo';
/** What was put since the last boot. */
const MARK = 'names-ports';

function elementsOf({ bridge, address, port }: NamesPort): readonly Element[] {
  return [bridge, HOST].flatMap((link) =>
    PROTOCOLS.map((protocol) => ({
      set: `names${familyOf(address)}` as const,
      key: `"${link}" . ${address} . ${protocol} . ${DNS_PORT}`,
      value: `${address} . ${port}`,
    })),
  );
}

/** The first of several servers at one address has its questions. */
function namesPortElements(ports: readonly NamesPort[]): readonly Element[] {
  const byKey = new Map<string, Element>();
  for (const element of ports.flatMap(elementsOf)) {
    if (!byKey.has(element.key)) byKey.set(element.key, element);
  }
  return [...byKey.values()];
}

async function put(elements: readonly Element[], ctx: Context): Promise<void> {
  using kernel = openFilter(ctx);
  const aim = {
    isWhole: () => elements.length === 0 || brokenGroups(kernel, readTable(kernel), GROUPS).length === 0,
    make: () => commit(planTables(GROUPS), ctx),
    plan: () => {
      const generation = beginPlan(kernel);
      return { ...changesBetween(readElements(kernel, NAMES_SETS), elements), generation };
    },
  };
  await converge(kernel, aim, ctx);
}

/** Whether this packet filter cannot lead questions anywhere, as opposed to a failure. */
function isLack(error: unknown): error is Error {
  return error instanceof FeatureMissingError || isWithoutNft(error);
}

/**
 * Leads the questions of all bridges to their servers, and no others, whatever was seen before. The caller sees to it that
 * no other process does.
 * @returns what is lacking, where servers can be asked without: all of them have port 53.
 * @throws FeatureMissingError if one of them has another port, and the kernel cannot lead there.
 */
export async function putNamesPorts(ports: readonly NamesPort[], ctx: Context): Promise<string | undefined> {
  const elements = namesPortElements(ports);
  let lack: string | undefined;
  try {
    if (elements.length > 0) {
      await requireGroups(GROUPS, ctx);
      await put(elements, ctx);
    } else await orWithoutFilter(undefined, () => put(elements, ctx));
  } catch (error) {
    if (!isLack(error) || ports.some(({ port }) => port !== DNS_PORT)) throw error;
    lack = error.message;
  }
  if (elements.length === 0) forgetMark(MARK);
  else tryWriteMark(MARK, noteOf(ports, lack !== undefined));
  return lack;
}

function noteOf(ports: readonly NamesPort[], isLacking = false): string {
  return `${isLacking ? 'lacking ' : ''}${JSON.stringify(ports)}`;
}

/** `putNamesPorts` where they have changed since the last time. */
export async function ensureNamesPorts(
  ports: readonly NamesPort[],
  ctx: Context,
): Promise<string | undefined> {
  const known = readMark(MARK);
  const isSeen = known === noteOf(ports) || known === noteOf(ports, true);
  return isSeen ? undefined : putNamesPorts(ports, ctx);
}

/**
 * Of what `putNamesPorts` has put, the losses that concern some of it: one sentence each.
 * @param all what it was called with last.
 */
export function namesPortGaps(
  all: readonly NamesPort[],
  isConcerned: (port: NamesPort) => boolean,
  ctx: Context,
): readonly string[] {
  const own = all.filter(isConcerned);
  if (own.length === 0 || readMark(MARK) !== noteOf(all)) return [];
  using kernel = openFilter(ctx);
  const isBroken = brokenGroups(kernel, readTable(kernel), GROUPS).length > 0;
  const seen = isBroken ? [] : readElements(kernel, NAMES_SETS);
  const lost = own.filter((port) => changesBetween(seen, elementsOf(port)).add.length > 0);
  return lost.map(
    ({ address }) => `Port ${DNS_PORT} of ${address} does not lead to the server of names any more`,
  );
}
