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

/* Reads nftables without a process of nft: <linux/netfilter/nf_tables.h>. */

const GET_RULE = 7;
const GET_GENERATION = 16;
const RULE = { table: 1, chain: 2, handle: 3, comment: 7 } as const;

/** The number of our namespace's current ruleset; every transaction changes it. */
export function readGeneration(netlink: Netlink): number {
  const type = (SUBSYSTEM << 8) | GET_GENERATION;
  const [answer] = request(netlink, { line: 'list generation', type, flags: 0, body: header(0) });
  return answer === undefined ? 0 : parseGeneration(answer);
}

function ask(netlink: Netlink, what: NetlinkRequest) {
  return requestIfThere(netlink, what, (errno) => errno === ABSENT.ENOENT);
}

/** `undefined` if the set does not exist. */
export function readSet(netlink: Netlink, table: string, set: string): readonly ElementBytes[] | undefined {
  return ask(netlink, listRequest(table, set))?.flatMap(parseElements);
}

/** By key; false also if the set does not exist. */
export function hasElement(
  netlink: Netlink,
  table: string,
  element: Pick<ElementBytes, 'key'> & { readonly set: string },
): boolean {
  return ask(netlink, findRequest(table, element)) !== undefined;
}

export interface RuleInfo {
  readonly handle: number;
  readonly chain: string;
  readonly comment?: string | undefined;
}

/** Empty if the table does not exist. */
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
