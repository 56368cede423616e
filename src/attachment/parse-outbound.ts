import { type Family, formatAddress, networkOf, parseAddress, parseCidr } from '../input/address.ts';
import { invalidValue } from '../input/parse.ts';
import { familiesOf, type NetworkSpec } from './spec.ts';

/** Keys of both protocols, spelled as netavark's options. */
export interface OutboundKeys {
  readonly outbound_addr4?: string | undefined;
  readonly outbound_addr6?: string | undefined;
}

/** How messages name the keys. */
export interface OutboundPlace {
  /** Names the document: `network "x"`. */
  readonly where: string;
  /** Precedes the name of a key: `options.`. */
  readonly prefix?: string;
  /** Completes "expected" where the network is not masqueraded. */
  readonly needs: string;
}

const KEYS = { 4: 'outbound_addr4', 6: 'outbound_addr6' } as const;
const EXAMPLES = { 4: '"203.0.113.5"', 6: '"2001:db8::5"' } as const;
/** No packet leaves the host with these sources, or no reply comes back. */
const UNUSABLE = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '224.0.0.0/3',
  '::/127',
  '::ffff:0:0/96',
  'fe80::/10',
  'ff00::/8',
];

function isUsable(family: Family, value: bigint): boolean {
  return UNUSABLE.every((text) => {
    const cidr = parseCidr(text);
    if (cidr?.family !== family) return true;
    const { first, last } = networkOf(cidr);
    return value < first || value > last;
  });
}

/** Canonical; `undefined` for a text that is no such address. */
function sourceAddress(family: Family, text: string): string | undefined {
  const address = parseAddress(text);
  if (address?.family !== family || !isUsable(family, address.value)) return undefined;
  return formatAddress(address);
}

/**
 * Source addresses of what leaves a network, at most one a family.
 * @throws FlatnetError for another kind of address, and where it could have no effect: without masquerade, or for a family
 * that the network lacks.
 */
export function parseOutbound(
  keys: OutboundKeys,
  { ipMasq, ipam }: Pick<NetworkSpec, 'ipMasq' | 'ipam'>,
  { where, prefix = '', needs }: OutboundPlace,
): readonly string[] {
  return ([4, 6] as const).flatMap((family) => {
    const text = keys[KEYS[family]];
    if (text === undefined) return [];
    const refuse = (expected: string) => invalidValue(`${prefix}${KEYS[family]}`, text, { expected, where });
    const address = sourceAddress(family, text);
    if (address === undefined) {
      throw refuse(`an IPv${family} address that the host can send from, such as ${EXAMPLES[family]}`);
    }
    if (!ipMasq) throw refuse(needs);
    if (!familiesOf(ipam).includes(family)) {
      throw refuse(`no such key: the network has no IPv${family} subnet`);
    }
    return [address];
  });
}
