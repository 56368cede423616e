import { DOMAIN_FORM, isDomain } from '../../names/record.ts';
import { DEFAULT_DOMAIN, HOST_WAYS, type HostWay, type NamesSpec } from '../../names/zone.ts';
import type { Read } from './read-option.ts';

/* Options about the names of containers. */

const SERVERS = ['auto', 'aardvark', 'dnsmasq', 'off'] as const;

export interface NamesSettings {
  readonly names?: (typeof SERVERS)[number];
  readonly namesDomain?: string;
  readonly namesHost?: HostWay | 'off';
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
  'names-host': {
    read: (text) => {
      const way = [...HOST_WAYS, 'off' as const].find((known) => known === text);
      return way === undefined ? { expected: '"hosts", "resolved" or "off"' } : { namesHost: way };
    },
  },
};

/** Names resolve as on networks of Podman: everywhere but with `--disable-dns`, whatever an option says then. */
export function namesOf(
  { dns_enabled: isOn }: { readonly dns_enabled?: boolean | undefined },
  { names = 'auto', namesDomain, namesHost = 'off' }: NamesSettings,
): NamesSpec | undefined {
  if (isOn !== true || names === 'off') return undefined;
  const host = namesHost === 'off' ? {} : { host: namesHost };
  return { server: names, domain: namesDomain ?? DEFAULT_DOMAIN, ...host };
}
