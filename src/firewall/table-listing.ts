import { formatAddress, parseAddress } from '../input/address.ts';
import type { Chain } from './chains.ts';
import { withoutCovered } from './hairpin.ts';
import { toWaiting } from './ports.ts';
import type { ListedChain, ListedElement, Ruleset } from './ruleset.ts';
import { type FieldType, OWNED_SETS, SHARED_SETS, type SetName, typeOf } from './sets.ts';
import { type Element, formatElement, tableOf } from './table.ts';
import { chainsFor } from './table-plan.ts';

/** nft prints the number if /etc/protocols is missing, as in minimal images. */
const PROTOCOL_NAMES: Readonly<Record<string, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

/** nft omits leading zeros, and may print the bytes as an address. */
function formatBytes(text: string): string {
  const value = text.startsWith('0x') ? BigInt(text) : (parseAddress(text)?.value ?? 0n);
  return `0x${value.toString(16).padStart(32, '0')}`;
}

/** nft prints the last 32 bits of some addresses in IPv4 notation; subnets stay unchanged. */
function formatIPv6(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

const same = (text: string) => text;

const FORMATS: Readonly<Record<FieldType, (text: string) => string>> = {
  inet_proto: (text) => PROTOCOL_NAMES[text] ?? text,
  inet_service: same,
  ipv4_addr: same,
  ipv6_addr: formatIPv6,
  ifname: (text) => `"${text}"`,
  ether_addr: same,
  '@th,64,128': formatBytes,
};

function format(parts: readonly string[], types: readonly FieldType[]): string {
  return types.map((type, index) => FORMATS[type](parts[index] ?? '')).join(' . ');
}

function toElement(set: SetName, { key, value, comment }: ListedElement): Element {
  const types = typeOf(set);
  return {
    set,
    key: format(key, types.key),
    ...(value === undefined || types.value === undefined ? {} : { value: format(value, types.value) }),
    ...(comment === undefined ? {} : { owner: comment }),
  };
}

/** Elements of a listing by set, so that a thousand look-ups in a thousand elements stay fast. */
export interface ElementIndex {
  /** `undefined` if the set does not exist. */
  readonly of: (set: SetName) => readonly Element[] | undefined;
  readonly has: (element: Pick<Element, 'set' | 'key'>) => boolean;
}

export function indexListing({ sets, elements }: Ruleset): ElementIndex {
  const bySet = Map.groupBy(elements, ({ table, set }) => `${table} ${set}`);
  const found = new Map<SetName, ReadonlyMap<string, Element> | undefined>();
  const keysOf = (set: SetName) => {
    if (found.has(set)) return found.get(set);
    const isListed = sets.some(({ table, name }) => table === tableOf(set) && name === set);
    const own = (bySet.get(`${tableOf(set)} ${set}`) ?? []).map((one) => toElement(set, one));
    const byKey = isListed ? new Map(own.map((element) => [element.key, element])) : undefined;
    found.set(set, byKey);
    return byKey;
  };
  return {
    of: (set) => {
      const byKey = keysOf(set);
      return byKey === undefined ? undefined : [...byKey.values()];
    },
    has: ({ set, key }) => keysOf(set)?.has(key) === true,
  };
}

/** Elements of attachments and networks in a listing of flatnet's tables. */
export function listedElements({ elements }: Ruleset): readonly Element[] {
  const sets: readonly SetName[] = [...OWNED_SETS, ...SHARED_SETS];
  return elements.flatMap((element) => {
    const set = sets.find((name) => name === element.set && tableOf(name) === element.table);
    return set === undefined ? [] : [toElement(set, element)];
  });
}

function isIn(listed: readonly Element[]): (element: Element) => boolean {
  const present = new Set(listed.map((element) => `${element.set} ${formatElement(element)}`));
  return (element) => present.has(`${element.set} ${formatElement(element)}`);
}

/** The listed ones; an element covered by a larger one is not listed itself, and cannot be removed. */
export function presentElements(elements: readonly Element[], ruleset: Ruleset): readonly Element[] {
  return elements.filter(isIn(listedElements(ruleset)));
}

/** The unlisted ones, except those that a larger element covers. */
export function missingElements(elements: readonly Element[], ruleset: Ruleset): readonly Element[] {
  const listed = listedElements(ruleset);
  const isPresent = isIn(listed);
  const missing = elements.filter((element) => {
    // A published port may wait for another attachment of its container.
    return !isPresent(element) && (element.value === undefined || !isPresent(toWaiting(element)));
  });
  return withoutCovered(missing, listed);
}

function isAtHook({ hook }: Chain, listed: ListedChain): boolean {
  if (hook === undefined) return true;
  return listed.hook !== undefined && hook.startsWith(`type ${listed.type ?? ''} hook ${listed.hook} `);
}

/** Losses of the chains that these elements need, one sentence each. */
export function chainGaps(elements: readonly Element[], { chains, rules }: Ruleset): readonly string[] {
  return [...chainsFor(elements)].flatMap(([table, wanted]) => {
    const present = new Map(chains.filter((chain) => chain.table === table).map((one) => [one.name, one]));
    if (wanted.every(({ name }) => !present.has(name))) return [`The chains of table "${table}" are gone`];
    return wanted.flatMap((chain) => {
      const name = `Chain "${table} ${chain.name}"`;
      const listed = present.get(chain.name);
      if (listed === undefined) return [`${name} is gone`];
      if (!isAtHook(chain, listed)) return [`${name} is not attached to its hook`];
      // Versions of nft print rules differently, so rules are only counted.
      const own = rules.filter((rule) => rule.table === table && rule.chain === chain.name);
      return own.length < chain.rules.length ? [`${name} has lost rules`] : [];
    });
  });
}
