import type { IngressPolicy } from '../firewall/isolation.ts';
import type { MasqueradeBackend } from '../firewall/masquerade.ts';
import type { PortMapping } from '../firewall/ports.ts';
import { between, type Infer, matching, number, object, optional, text } from '../input/shape.ts';

/*
 * Values that a request and the memory of an attachment have in common.
 */

const PORT = number(between(1, 65535, 'a port from 1 to 65535'));

/** One entry of `runtimeConfig.portMappings`. */
export const PORT_MAPPING = object({
  hostPort: PORT,
  containerPort: PORT,
  protocol: optional(text(matching(/^(tcp|udp|sctp)$/i, '"tcp", "udp" or "sctp"'))),
  hostIP: optional(text()),
});

/** The reference firewall plugin's key. */
export const INGRESS_POLICY = text(
  matching(/^(open|same-bridge|isolated)$/, '"open", "same-bridge" or "isolated"'),
);

/** The reference bridge's key. */
export const MASQUERADE_BACKEND = text(matching(/^(nftables|iptables)$/, '"nftables" or "iptables"'));

/** The policy of that name; the open one for none. */
export function policyOf(name: string | undefined): IngressPolicy {
  return name === 'same-bridge' || name === 'isolated' ? name : 'open';
}

/** The backend of that name. */
export function backendOf(name: string | undefined): MasqueradeBackend | undefined {
  return name === 'nftables' || name === 'iptables' ? name : undefined;
}

/** One entry of `runtimeConfig.portMappings`, completed: the protocol in small letters, `tcp` where none is named. */
export function toPortMapping(entry: Infer<typeof PORT_MAPPING>): PortMapping {
  const { hostPort, containerPort, hostIP } = entry;
  const lower = (entry.protocol ?? 'tcp').toLowerCase();
  const protocol = lower === 'udp' || lower === 'sctp' ? lower : 'tcp';
  return { hostPort, containerPort, protocol, ...(hostIP === undefined || hostIP === '' ? {} : { hostIP }) };
}
