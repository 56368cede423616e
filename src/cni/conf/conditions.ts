import type { Fields } from '../../input/parse.ts';
import { quote } from '../../input/quote.ts';
import { CniError, CODE } from '../errors.ts';

/**
 * Keys of the reference's portmap and firewall plugins that limit what passes, by text of iptables or nft or by a chain of
 * iptables: ignored, they would leave open what they are to close.
 */
const LIMITS = ['conditionsV4', 'conditionsV6', 'iptablesAdminChainName'];

/** @throws CniError naming what to use instead. */
export function refuseConditions(fields: Fields, where: string): void {
  for (const key of LIMITS) {
    const value = fields[key];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    throw new CniError(CODE.unsupportedField, `Cannot do "${key}" of ${where}: ${quote(value)}`, {
      details:
        'flatnet makes no rules of iptables from it; remove the key, and publish ports on one address ("hostIP") or drop packets in a chain of nftables of your own, whose drop is final: nft add rule inet mine forward meta l4proto tcp ct status dnat ct direction original ct original proto-dst 8080 ip saddr != 192.0.2.0/24 drop',
    });
  }
}
