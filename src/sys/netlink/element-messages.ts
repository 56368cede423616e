import { FLAG } from './netlink.ts';
import {
  attribute,
  type Message,
  nest,
  numberOf,
  parseAttributes,
  parseList,
  text,
  textOf,
} from './message.ts';

/* Messages about elements of nftables sets: <linux/netfilter/nf_tables.h>. nfnetlink.ts sends them. */

/** `NFNL_SUBSYS_NFTABLES`: the upper byte of a message's type. */
export const SUBSYSTEM = 10;
const MESSAGE = { newElement: 12, getElement: 13, deleteElement: 14 } as const;
const GENERATION_IS = 1;
const FAMILIES: Readonly<Record<string, number>> = { inet: 1, netdev: 5, bridge: 7 };

const LIST = { table: 1, set: 2, elements: 3 } as const;
const LIST_ELEMENT = 1;
const ELEMENT = { key: 1, data: 2, comment: 6, keyEnd: 10 } as const;
const DATA_VALUE = 1;
/** Type of the comment in the user data of rules and elements, which only nft reads. */
export const COMMENT = 0;

/** An attribute's length has 16 bits; an element takes at most 150 bytes. */
const ELEMENTS_PER_MESSAGE = 200;

/** In the kernel's form. */
export interface ElementBytes {
  readonly key: Uint8Array;
  /** Intervals only: the last key. */
  readonly keyEnd?: Uint8Array | undefined;
  readonly value?: Uint8Array | undefined;
  readonly comment?: string | undefined;
}

/** Elements of one set; `table` as in `inet flatnet`. */
export interface SetChange {
  readonly table: string;
  readonly set: string;
  /** The equivalent line of nft. */
  readonly line: string;
  readonly elements: readonly ElementBytes[];
}

/** `struct nfgenmsg`; `resource` is in network byte order. */
export function header(family: number, resource = 0): Buffer {
  return Buffer.from([family, 0, resource >> 8, resource & 0xff]);
}

function commentBytes(comment: string | undefined): Buffer | undefined {
  if (comment === undefined) return undefined;
  const value = text(comment);
  return Buffer.concat([Buffer.from([COMMENT, value.length]), value]);
}

function data(type: number, value: Uint8Array | undefined): readonly Buffer[] {
  return value === undefined ? [] : nest(type, attribute(DATA_VALUE, value));
}

function elementAttribute({ key, keyEnd, value, comment }: ElementBytes): readonly Buffer[] {
  return nest(LIST_ELEMENT, [
    ...data(ELEMENT.key, key),
    ...data(ELEMENT.keyEnd, keyEnd),
    ...data(ELEMENT.data, value),
    ...attribute(ELEMENT.comment, commentBytes(comment)),
  ]);
}

/** The comment in the user data of a rule or an element. */
export function commentOf(userdata: Buffer | undefined): string | undefined {
  return userdata?.[0] === COMMENT ? textOf(userdata.subarray(2)) : undefined;
}

function dataOf(value: Buffer | undefined): Buffer | undefined {
  return value === undefined ? undefined : parseAttributes(value).get(DATA_VALUE);
}

/** From an answer to `listRequest`. */
export function parseElements({ body }: Message): readonly ElementBytes[] {
  const list = parseAttributes(body, 4).get(LIST.elements);
  if (list === undefined) return [];
  return parseList(list).flatMap((item) => {
    const attributes = parseAttributes(item);
    const key = dataOf(attributes.get(ELEMENT.key));
    if (key === undefined) return [];
    const keyEnd = dataOf(attributes.get(ELEMENT.keyEnd));
    const value = dataOf(attributes.get(ELEMENT.data));
    return [{ key, keyEnd, value, comment: commentOf(attributes.get(ELEMENT.comment)) }];
  });
}

export function listRequest(table: string, set: string) {
  const { family, name } = placeOf(table);
  return {
    line: `list set ${table} ${set}`,
    type: (SUBSYSTEM << 8) | MESSAGE.getElement,
    flags: FLAG.dump,
    body: Buffer.concat([
      header(family),
      ...attribute(LIST.table, text(name)),
      ...attribute(LIST.set, text(set)),
    ]),
  };
}

export function findRequest(
  table: string,
  { set, key }: Pick<ElementBytes, 'key'> & { readonly set: string },
) {
  const { family, name } = placeOf(table);
  return {
    line: `get element ${table} ${set}`,
    type: (SUBSYSTEM << 8) | MESSAGE.getElement,
    flags: 0,
    body: Buffer.concat([
      header(family),
      ...attribute(LIST.table, text(name)),
      ...attribute(LIST.set, text(set)),
      ...nest(LIST.elements, elementAttribute({ key })),
    ]),
  };
}

export function parseGeneration({ body }: Message): number {
  return numberOf(parseAttributes(body, 4).get(GENERATION_IS));
}

/** Family and name of a table such as `inet flatnet`. */
export function placeOf(table: string): { family: number; name: string } {
  const [family = '', name = ''] = table.split(' ');
  return { family: FAMILIES[family] ?? 0, name };
}

type Kind = Readonly<Record<'type' | 'flags', number>>;
export const ADD: Kind = { type: (SUBSYSTEM << 8) | MESSAGE.newElement, flags: FLAG.create };
export const REMOVE: Kind = { type: (SUBSYSTEM << 8) | MESSAGE.deleteElement, flags: 0 };

/** One message of a transaction; `line` is for errors and the trace. */
export interface Part extends Kind {
  readonly body: Buffer;
  readonly line: string;
}

function partOf(kind: Kind, { table, set, line }: SetChange, elements: readonly ElementBytes[]): Part {
  const { family, name } = placeOf(table);
  const body = Buffer.concat([
    header(family),
    ...attribute(LIST.table, text(name)),
    ...attribute(LIST.set, text(set)),
    ...nest(
      LIST.elements,
      elements.flatMap((one) => elementAttribute(one)),
    ),
  ]);
  return { ...kind, body, line };
}

/** As many elements per message as fit. */
export function partsOf(kind: Kind, changes: readonly SetChange[]): readonly Part[] {
  return changes.flatMap((change) => {
    const starts = Array.from(
      { length: Math.ceil(change.elements.length / ELEMENTS_PER_MESSAGE) },
      (_, at) => at * ELEMENTS_PER_MESSAGE,
    );
    return starts.map((at) => partOf(kind, change, change.elements.slice(at, at + ELEMENTS_PER_MESSAGE)));
  });
}
