import { networkOf, parseCidr, familyOf, bitsOf } from '../../input/address.ts';
import type { Span } from '../../ipam/types.ts';

export interface Block extends Span {
  readonly family: 4 | 6;
}

/** The addresses that a route or subnet covers; `undefined` for a default route. */
export function blockOf(text: string): Block | undefined {
  const prefix = bitsOf(familyOf(text));
  const cidr = parseCidr(text.includes('/') ? text : `${text}/${prefix}`);
  return cidr === undefined || cidr.prefix === 0 ? undefined : { family: cidr.family, ...networkOf(cidr) };
}
