import { withoutHeld } from './hairpin.ts';
import { OWNED_SETS, SHARED_SETS } from './sets.ts';
import { type Element, formatElement } from './table.ts';

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
  const missing = elements.filter((element) => !present.has(`${element.set} ${formatElement(element)}`));
  return withoutHeld(missing, shared);
}
