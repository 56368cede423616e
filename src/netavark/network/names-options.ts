import { DOMAIN_FORM, isDomain } from '../../names/record.ts';
import { DEFAULT_DOMAIN, type NamesSpec } from '../../names/zone.ts';
import type { Read } from './read-option.ts';

/* Options about the names of containers. */

const SERVERS = ['auto', 'aardvark', 'dnsmasq', 'off'] as const;

export interface NamesSettings {
  readonly names?: (typeof SERVERS)[number];
  readonly namesDomain?: string;
}

export const NAMES_OPTIONS: Readonly<Record<string, { readonly read: Read<NamesSettings> }>> = {
  names: {
    read: (text) => {
      const server = SERVERS.find((known) => known === text);
      return server === undefined
        ? { expected: '"auto", "aardvark", "dnsmasq" or "off"' }
        : { names: server };
    },
  },
  'names-domain': {
    read: (text) => (isDomain(text) ? { namesDomain: text } : { expected: DOMAIN_FORM }),
  },
};

/** Names resolve as on networks of Podman: everywhere but with `--disable-dns`, whatever an option says then. */
export function namesOf(
  { dns_enabled: isOn }: { readonly dns_enabled?: boolean | undefined },
  { names = 'auto', namesDomain }: NamesSettings,
): NamesSpec | undefined {
  if (isOn !== true || names === 'off') return undefined;
  return { server: names, domain: namesDomain ?? DEFAULT_DOMAIN };
}
