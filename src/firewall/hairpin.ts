import { networkOf, parseCidr } from '../input/address.ts';
import { typeOf } from './sets.ts';
import type { Element } from './table.ts';

/*
 * Whom a container would answer directly, past the host that has to translate back: who asks from its own subnet of its
 * own bridge. The kernel refuses intervals that overlap, so of two subnets of a bridge, one within the other, the larger
 * one alone is in the set; it does for both.
 */

/** The element of one subnet. */
export function hairpinElement(bridge: string, subnet: string): Element {
  const set = subnet.includes(':') ? 'hairpin6' : 'hairpin4';
  return { set, key: `"${bridge}" . ${subnet} . ${subnet}` };
}

function isHairpin({ set }: Element): boolean {
  return typeOf(set).flags === 'interval';
}

/** True when an element makes another one needless, and impossible. */
function holds(outer: Element, inner: Element): boolean {
  if (outer.set !== inner.set || outer.key === inner.key) return false;
  const [[outerBridge, outerSubnet = ''], [bridge, subnet = '']] = [
    outer.key.split(' . '),
    inner.key.split(' . '),
  ];
  const [large, small] = [parseCidr(outerSubnet), parseCidr(subnet)];
  if (outerBridge !== bridge || large === undefined || small === undefined) return false;
  const [span, part] = [networkOf(large), networkOf(small)];
  return span.first <= part.first && part.last <= span.last;
}

/** Those of the elements that none of the others holds. */
export function withoutHeld(elements: readonly Element[], others: readonly Element[]): readonly Element[] {
  const outer = others.filter(isHairpin);
  return elements.filter((inner) => !isHairpin(inner) || !outer.some((one) => holds(one, inner)));
}
