import { networkOf, parseCidr, familyOf } from '../input/address.ts';
import { typeOf } from './sets.ts';
import type { Element } from './table.ts';

/*
 * A container answers a client in its own subnet and bridge directly, bypassing the host's NAT, so these packets are
 * masqueraded. The kernel refuses overlapping intervals: of nested subnets of one bridge only the larger is in the set.
 * The same holds for the other sets of intervals, whose elements start with a bridge and a subnet, too.
 */

export function hairpinElement(bridge: string, subnet: string): Element {
  return { set: `hairpin${familyOf(subnet)}`, key: `"${bridge}" . ${subnet} . ${subnet}` };
}

function isInterval({ set }: Element): boolean {
  return typeOf(set).flags === 'interval';
}

/** The kernel refuses a covered element; it is redundant. */
function covers(outer: Element, inner: Element): boolean {
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

export function withoutCovered(elements: readonly Element[], others: readonly Element[]): readonly Element[] {
  const outer = others.filter(isInterval);
  return elements.filter((inner) => !isInterval(inner) || !outer.some((one) => covers(one, inner)));
}
