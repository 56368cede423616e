import type { Attached, NetworkSpec } from '../attachment/spec.ts';

/**
 * netavark's status block: the interface with its MAC and addresses, each with its prefix, and resolver settings where the
 * network has any; servers stand in the place of the host's and of `podman run --dns`.
 */
export function formatStatus({ dns }: NetworkSpec, { inside, addresses, names }: Attached): string {
  const servers = [...(names.nameservers ?? []), ...(dns.nameservers ?? [])];
  const search = [...(names.search ?? []), ...(dns.search ?? [])];
  return JSON.stringify({
    interfaces: {
      [inside.name]: {
        mac_address: inside.mac,
        subnets: addresses.map(({ address, prefix, gateway }) => ({
          ipnet: `${address}/${prefix}`,
          ...(gateway === undefined ? {} : { gateway }),
        })),
      },
    },
    ...(servers.length === 0 ? {} : { dns_server_ips: servers }),
    ...(search.length === 0 ? {} : { dns_search_domains: search }),
  });
}
