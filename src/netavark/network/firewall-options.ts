import { flag, type Read } from './read-option.ts';

/* Options that change what the packet filter does with a network. */

export interface FirewallSettings {
  /** Checked with the network: attachment/parse-outbound.ts. */
  readonly outbound_addr4?: string;
  readonly outbound_addr6?: string;
  readonly snat?: boolean;
  readonly masqAll?: boolean;
  readonly firewalldZone?: string;
}

/** netavark's own first. */
export const FIREWALL_OPTIONS: Readonly<Record<string, { readonly read: Read<FirewallSettings> }>> = {
  outbound_addr4: { read: (text) => ({ outbound_addr4: text }) },
  outbound_addr6: { read: (text) => ({ outbound_addr6: text }) },
  snat: { read: flag((snat) => ({ snat })) },
  'firewalld-zone': { read: (text) => ({ firewalldZone: text }) },
  'masq-all': { read: flag((masqAll) => ({ masqAll })) },
};
