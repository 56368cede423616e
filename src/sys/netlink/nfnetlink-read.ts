import {
  commentOf,
  type ElementBytes,
  findRequest,
  header,
  listRequest,
  parseElements,
  parseGeneration,
  placeOf,
  SUBSYSTEM,
} from './element-messages.ts';
import { FLAG, type Netlink, type NetlinkRequest, request, requestIfThere } from './netlink.ts';
import { ABSENT } from './error.ts';
import { attribute, numberOf, parseAttributes, text, textOf } from './message.ts';

/*
 * Questions to nftables without a process of nft: <linux/netfilter/nf_tables.h>.
 */

const GET_RULE = 7;
const GET_GENERATION = 16;
const RULE = { table: 1, chain: 2, handle: 3, comment: 7 } as const;

/** The number of the present ruleset of our namespace; every transaction changes it. */
export function readGeneration(netlink: Netlink): number {
  const type = (SUBSYSTEM << 8) | GET_GENERATION;
  const [answer] = request(netlink, { line: 'list generation', type, flags: 0, body: header(0) });
  return answer === undefined ? 0 : parseGeneration(answer);
}

function ask(netlink: Netlink, what: NetlinkRequest) {
  return requestIfThere(netlink, what, (errno) => errno === ABSENT.ENOENT);
}

/** The elements of a set; `undefined` where there is no such set. */
export function readSet(netlink: Netlink, table: string, set: string): readonly ElementBytes[] | undefined {
  return ask(netlink, listRequest(table, set))?.flatMap(parseElements);
}

/** Whether a set has an element of this key; false also where there is no such set. */
export function hasElement(
  netlink: Netlink,
  table: string,
  element: Pick<ElementBytes, 'key'> & { readonly set: string },
): boolean {
  return ask(netlink, findRequest(table, element)) !== undefined;
}

/** A rule: its handle, its chain, and its comment where it has one. */
export interface RuleInfo {
  readonly handle: number;
  readonly chain: string;
  readonly comment?: string | undefined;
}

/** The rules of a table; none where there is no such table. */
export function readRules(netlink: Netlink, table: string): readonly RuleInfo[] {
  const { family, name } = placeOf(table);
  const body = Buffer.concat([header(family), ...attribute(RULE.table, text(name))]);
  const type = (SUBSYSTEM << 8) | GET_RULE;
  const line = `list table ${table}`;
  const answers = ask(netlink, { line, type, flags: FLAG.dump, body });
  return (answers ?? []).map((rule) => {
    const attributes = parseAttributes(rule.body, 4);
    return {
      handle: numberOf(attributes.get(RULE.handle)),
      chain: textOf(attributes.get(RULE.chain)) ?? '',
      comment: commentOf(attributes.get(RULE.comment)),
    };
  });
}
