import * as z from 'zod/mini';
import { between, type Infer, matching, numberThat, whenNeeded } from '../input/schema.ts';

/* Objects of netavark's plugin API. Unknown keys pass: newer releases have more of them. */

const TEXT = z.optional(z.string());
const FLAG = z.optional(z.boolean());
const ADDRESS = matching(/^[0-9a-fA-F:.]+$/, 'an IP address');
const CIDR = matching(/^[0-9a-fA-F:.]+\/\d{1,3}$/, 'a CIDR such as "10.87.2.0/24"');
const PORT = between(1, 65_535, 'a port from 1 to 65535');
/** netavark writes 0 and 1 for a single port. */
const PORTS = between(0, 65_535, 'a number of ports');
const METRIC = numberThat(
  (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32,
  'a whole number from 0 to 4294967295',
);
/** What `-o` and `--opt` give. */
const OPTIONS = z.optional(z.record(z.string(), z.string()));

const SUBNET = z.looseObject({
  subnet: CIDR,
  gateway: z.optional(ADDRESS),
  lease_range: z.optional(z.looseObject({ start_ip: z.optional(ADDRESS), end_ip: z.optional(ADDRESS) })),
});

const ROUTE = z.looseObject({
  destination: CIDR,
  gateway: z.optional(ADDRESS),
  metric: z.optional(METRIC),
  route_type: TEXT,
});

/** A network: what `create` gets, Podman keeps in a file, and `setup` gets a part of. */
export const NETWORK = z.looseObject({
  name: z.string(),
  id: TEXT,
  network_interface: TEXT,
  subnets: z.optional(z.array(SUBNET)),
  routes: z.optional(z.array(ROUTE)),
  internal: FLAG,
  ipv6_enabled: FLAG,
  dns_enabled: FLAG,
  network_dns_servers: z.optional(z.array(ADDRESS)),
  options: OPTIONS,
  ipam_options: OPTIONS,
});

/** One `-p` of the command line: `range` ports from these on. */
const portRange = whenNeeded(() =>
  z.looseObject({
    container_port: PORT,
    host_port: PORT,
    host_ip: TEXT,
    protocol: z.optional(matching(/^(tcp|udp|sctp)(,(tcp|udp|sctp))*$/i, '"tcp", "udp" or "sctp"')),
    range: z.optional(PORTS),
  }),
);
export type PortRange = Infer<ReturnType<typeof portRange>>;

/** What `setup` and `teardown` get besides the namespace; `create` has no use for it. */
export const requestSchema = whenNeeded(() =>
  z.looseObject({
    container_id: z.string(),
    container_name: TEXT,
    port_mappings: z.optional(z.array(portRange())),
    network: NETWORK,
    network_options: z.looseObject({
      interface_name: z.string(),
      aliases: z.optional(z.array(z.string())),
      static_ips: z.optional(z.array(ADDRESS)),
      static_mac: z.optional(
        matching(/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/, 'a MAC such as "0a:58:0a:57:01:02"'),
      ),
      options: OPTIONS,
    }),
  }),
);
