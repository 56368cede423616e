import * as z from 'zod/mini';
import type { PortMapping } from '../firewall/ports.ts';
import { between, type Infer, matching, oneOf, whenNeeded } from '../input/schema.ts';

/* Values common to requests and intents. */

/** One entry of `runtimeConfig.portMappings`. */
export const portMapping = whenNeeded(() => {
  const port = between(1, 65535, 'a port from 1 to 65535');
  return z.looseObject({
    hostPort: port,
    containerPort: port,
    protocol: z.optional(matching(/^(tcp|udp|sctp)$/i, '"tcp", "udp" or "sctp"')),
    hostIP: z.optional(z.string()),
  });
});

/** The reference firewall plugin's key. */
export const ingressPolicy = whenNeeded(() =>
  oneOf(['open', 'same-bridge', 'isolated'], '"open", "same-bridge" or "isolated"'),
);

/** The reference bridge's key. */
export const masqueradeBackend = whenNeeded(() =>
  oneOf(['nftables', 'iptables'], '"nftables" or "iptables"'),
);

/** Completes an entry of `runtimeConfig.portMappings`: protocol in lower case, `tcp` by default. */
export function toPortMapping(entry: Infer<ReturnType<typeof portMapping>>): PortMapping {
  const { hostPort, containerPort, hostIP } = entry;
  const lower = (entry.protocol ?? 'tcp').toLowerCase();
  const protocol = lower === 'udp' || lower === 'sctp' ? lower : 'tcp';
  return { hostPort, containerPort, protocol, ...(hostIP === undefined || hostIP === '' ? {} : { hostIP }) };
}
