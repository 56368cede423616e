/* Options that change what the packet filter does with a network. */

export interface FirewallSettings {
  /** Checked with the network: attachment/parse-outbound.ts. */
  readonly outbound_addr4?: string;
  readonly outbound_addr6?: string;
  readonly snat?: boolean;
  readonly masqAll?: boolean;
  readonly firewalldZone?: string;
}

type FirewallOption = {
  readonly read: (text: string) => FirewallSettings | { readonly expected: string };
};

const FLAGS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

/** `undefined` for any other text. */
export function flagOf(text: string): boolean | undefined {
  return FLAGS[text.toLowerCase()];
}

function flag(set: (value: boolean) => FirewallSettings): FirewallOption {
  return {
    read: (text) => {
      const value = flagOf(text);
      return value === undefined ? { expected: 'true or false' } : set(value);
    },
  };
}

/** netavark's own first. */
export const FIREWALL_OPTIONS: Readonly<Record<string, FirewallOption>> = {
  outbound_addr4: { read: (text) => ({ outbound_addr4: text }) },
  outbound_addr6: { read: (text) => ({ outbound_addr6: text }) },
  snat: flag((snat) => ({ snat })),
  'firewalld-zone': { read: (text) => ({ firewalldZone: text }) },
  'masq-all': flag((masqAll) => ({ masqAll })),
};
