import { withoutHeld } from './hairpin.ts';
import { toWaiting } from './ports.ts';
import { OWNED_SETS, SHARED_SETS } from './sets.ts';
import type { Chain } from './chains.ts';
import { chainsFor, type Element, formatElement } from './table.ts';

const SET = /^\t(?:map|set) (\S+) \{$(.*?)^\t\}$/gms;
const OWNED = /([^\s{},][^{},]*?) comment "([^"]*)"(?: : ([^\s,}]+ \. [^\s,}]+))?/g;

/** The elements of attachments in what `nft list table` prints. */
export function parseOwned(listing: string): readonly Element[] {
  return [...listing.matchAll(SET)].flatMap(([, name = '', body = '']) => {
    const set = OWNED_SETS.find((owned) => owned === name);
    if (set === undefined) return [];
    return [...body.matchAll(OWNED)].map(([, key = '', owner = '', value]) => ({
      set,
      key,
      owner,
      ...(value === undefined ? {} : { value }),
    }));
  });
}

/** The elements of networks in what `nft list table` prints. */
export function parseShared(listing: string): readonly Element[] {
  return [...listing.matchAll(SET)].flatMap(([, name = '', body = '']) => {
    const set = SHARED_SETS.find((shared) => shared === name);
    const list = /elements = \{([^}]*)\}/.exec(body)?.[1];
    if (set === undefined || list === undefined) return [];
    return list.split(',').map((key) => ({ set, key: key.trim() }));
  });
}

/** Those of the elements that are not in what `nft list table` prints. */
export function missingElements(elements: readonly Element[], listing: string): readonly Element[] {
  const shared = parseShared(listing);
  const listed = [...parseOwned(listing), ...shared];
  const present = new Set(listed.map((element) => `${element.set} ${formatElement(element)}`));
  const isPresent = (element: Element) => present.has(`${element.set} ${formatElement(element)}`);
  const missing = elements.filter((element) => {
    // A published port may wait for another attachment of its container.
    return !isPresent(element) && (element.value === undefined || !isPresent(toWaiting(element)));
  });
  return withoutHeld(missing, shared);
}

const CHAIN = /^\tchain (\S+) \{$(.*?)^\t\}$/gms;
const HOOK = /^\t\ttype \S+ hook \S+/m;
/** What goes on in a further line is indented further. */
const RULE = /^\t\t(?!type \S+ hook )\S/gm;

function chainGap({ hook, rules }: Chain, body: string): string | undefined {
  const listed = HOOK.exec(body)?.[0].trim();
  if (hook !== undefined && (listed === undefined || !hook.startsWith(`${listed} `))) {
    return 'is at no hook or at another one';
  }
  // nft prints each rule in words that differ from version to version: they are counted.
  const count = [...body.matchAll(RULE)].length;
  return count < rules.length ? 'has lost rules of its own' : undefined;
}

/** What the chains that these elements need have lost, in what `nft list table` prints, one sentence each. */
export function chainGaps(elements: readonly Element[], listing: string): readonly string[] {
  const bodies = new Map([...listing.matchAll(CHAIN)].map(([, name = '', body = '']) => [name, body]));
  return [...chainsFor(elements)].flatMap(([table, chains]) => {
    if (chains.every(({ name }) => !bodies.has(name))) return [`The chains of table "${table}" are gone`];
    return chains.flatMap((chain) => {
      const body = bodies.get(chain.name);
      const gap = body === undefined ? 'is gone' : chainGap(chain, body);
      return gap === undefined ? [] : [`Chain "${table} ${chain.name}" ${gap}`];
    });
  });
}
