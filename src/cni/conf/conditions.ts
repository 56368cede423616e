import type { Fields } from '../../input/parse.ts';
import { quote } from '../../input/quote.ts';
import { CniError, CODE } from '../errors.ts';

/** Keys of the reference portmap plugin that limit who reaches a port: ignored, they would leave it open to all. */
const CONDITIONS = ['conditionsV4', 'conditionsV6'];

/** @throws CniError for text of iptables or nft that is to become part of a rule. */
export function refuseConditions(fields: Fields, where: string): void {
  for (const key of CONDITIONS) {
    const value = fields[key];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    throw new CniError(CODE.unsupportedField, `Cannot do "${key}" of ${where}: ${quote(value)}`, {
      details:
        'flatnet takes no text of rules; remove the key, and publish the port on one address ("hostIP") or drop packets in a chain of your own: nft add rule inet mine forward meta l4proto tcp ct status dnat ct direction original ct original proto-dst 8080 ip saddr != 192.0.2.0/24 drop',
    });
  }
}
