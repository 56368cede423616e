import * as z from 'zod/mini';
import { type SpoofForm, spoofForm } from '../firewall/features.ts';
import type { IngressPolicy } from '../firewall/isolation.ts';
import { chooseBackend, type MasqueradeBackend } from '../firewall/masquerade.ts';
import type { PortMapping } from '../firewall/ports.ts';
import { isFields } from '../input/parse.ts';
import type { Json } from '../ipam/types.ts';
import { ingressPolicy, masqueradeBackend, portMapping, toPortMapping } from './schema.ts';
import { conforms, whenNeeded } from '../input/schema.ts';
import type { Job, NetworkSpec } from './spec.ts';

/**
 * Stored with an allocation, so that `flatnet reload` can restore every rule, and DEL remove them, without any network
 * configuration.
 */
export interface Intent {
  readonly version: number;
  readonly bridge: string;
  /** CIDR texts of the network's subnets. */
  readonly subnets: readonly string[];
  readonly ipMasq: boolean;
  readonly ipMasqBackend: MasqueradeBackend;
  /** Source addresses, at most one a family; absent: those of the leaving links. */
  readonly outbound?: readonly string[];
  /** Of published ports; absent: true. */
  readonly snat?: false;
  /** Of published ports; absent: false. */
  readonly masqAll?: true;
  /** Whether the host's other firewalls must let the bridge's packets pass. */
  readonly forward: boolean;
  /** Zone of firewalld; absent: trusted. */
  readonly firewalldZone?: string;
  readonly internal: boolean;
  readonly ingressPolicy: IngressPolicy;
  readonly macspoofchk: boolean;
  /** Where the addresses are guarded; absent: in the table of family bridge. */
  readonly spoofForm?: SpoofForm;
  /** Requested MAC; absent if it derives from the address. */
  readonly mac?: string;
  /** Further names of the container; absent if none. */
  readonly aliases?: readonly string[];
  readonly portMappings: readonly PortMapping[];
}

const intentSchema = whenNeeded(() =>
  z.object({
    version: z.literal(1),
    bridge: z.string(),
    subnets: z.array(z.string()),
    ipMasq: z.boolean(),
    ipMasqBackend: z.optional(masqueradeBackend()),
    outbound: z.optional(z.array(z.string())),
    snat: z.optional(z.boolean()),
    masqAll: z.optional(z.boolean()),
    forward: z.boolean(),
    firewalldZone: z.optional(z.string()),
    internal: z.boolean(),
    ingressPolicy: ingressPolicy(),
    macspoofchk: z.boolean(),
    spoofForm: z.optional(z.string()),
    mac: z.optional(z.string()),
    aliases: z.optional(z.array(z.string())),
    portMappings: z.array(portMapping()),
  }),
);

/** The part of a request that its rules depend on. */
export interface RuleRequest {
  /** CIDR texts. */
  readonly subnets: readonly string[];
  readonly mac?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly portMappings: readonly PortMapping[];
}

/** Stored only where they differ from the default. */
function rareSettings({
  outbound,
  snat,
  masqAll,
  firewalldZone,
}: NetworkSpec): Pick<Intent, 'outbound' | 'snat' | 'masqAll' | 'firewalldZone'> {
  return {
    ...(outbound.length === 0 ? {} : { outbound }),
    ...(snat ? {} : { snat }),
    ...(masqAll ? { masqAll } : {}),
    ...(firewalldZone === undefined ? {} : { firewalldZone }),
  };
}

/** Intent of the rules that an attachment of the network needs. */
export function intentFor(
  network: NetworkSpec,
  { subnets, mac, aliases = [], portMappings }: RuleRequest,
): Intent {
  const { bridge, ipMasq, internal, ingressPolicy, macspoofchk } = network;
  return {
    version: 1,
    bridge,
    subnets,
    ipMasq,
    ipMasqBackend: ipMasq ? chooseBackend(network.ipMasqBackend) : 'nftables',
    ...rareSettings(network),
    forward: network.isGateway && network.forwardAccept && !internal,
    internal,
    ingressPolicy,
    macspoofchk,
    ...(macspoofchk && spoofForm() === 'netdev' ? { spoofForm: 'netdev' } : {}),
    ...(mac === undefined ? {} : { mac }),
    ...(aliases.length === 0 ? {} : { aliases }),
    portMappings,
  };
}

export function intentOf({ network, spec }: Job, subnets: readonly string[]): Intent {
  const { mac, aliases, portMappings } = spec;
  return intentFor(network, { subnets, mac, aliases, portMappings });
}

/** The form stored in allocations.json. */
export function encodeIntent({ portMappings, mac, ...intent }: Intent): Json {
  return {
    ...intent,
    ...(mac === undefined ? {} : { mac }),
    portMappings: portMappings.map(({ hostIP, ...mapping }) =>
      hostIP === undefined ? mapping : { ...mapping, hostIP },
    ),
  };
}

/**
 * A quick check before `recall`, which validates everything: of a thousand allocations hardly any has one of these host
 * ports.
 */
export function mayPublish(data: unknown, hostPorts: ReadonlySet<unknown>): boolean {
  const mappings = isFields(data) ? data.portMappings : undefined;
  return (
    Array.isArray(mappings) &&
    mappings.some((mapping) => isFields(mapping) && hostPorts.has(mapping.hostPort))
  );
}

/** Parses the intent of an allocation; `undefined` for entries rebuilt from links, and for other programs' data. */
export function recall(data: unknown): Intent | undefined {
  if (!conforms(intentSchema(), data)) return undefined;
  const { version, bridge, subnets, ipMasq, outbound, forward, internal, macspoofchk, mac, aliases } = data;
  return {
    version,
    bridge,
    subnets,
    ipMasq,
    ipMasqBackend: data.ipMasqBackend ?? 'nftables',
    ...(outbound === undefined ? {} : { outbound }),
    ...(data.snat === false ? { snat: false } : {}),
    ...(data.masqAll === true ? { masqAll: true } : {}),
    forward,
    ...(data.firewalldZone === undefined ? {} : { firewalldZone: data.firewalldZone }),
    internal,
    ingressPolicy: data.ingressPolicy,
    macspoofchk,
    ...(data.spoofForm === 'netdev' ? { spoofForm: 'netdev' } : {}),
    ...(mac === undefined ? {} : { mac }),
    ...(aliases === undefined ? {} : { aliases }),
    portMappings: data.portMappings.map(toPortMapping),
  };
}
