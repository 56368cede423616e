import { OWNED_SETS } from './sets.ts';
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

/** Those of the elements that are not in what `nft list table` prints. */
export function missingElements(elements: readonly Element[], listing: string): readonly Element[] {
  const bodies = new Map([...listing.matchAll(SET)].map(([, name = '', body = '']) => [name, body]));
  const owned = new Set(parseOwned(listing).map(formatElement));
  return elements.filter((element) =>
    element.owner === undefined
      ? bodies.get(element.set)?.includes(element.key) !== true
      : !owned.has(formatElement(element)),
  );
}
