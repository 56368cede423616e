import type { Envelope } from './envelope.ts';
import { formatAddress, parseAddress, splitPrefix } from '../../input/address.ts';
import { parsePool } from '../../ipam/config/config.ts';
import { type CniArgs, type Tolerate } from '../args.ts';
import { quote } from '../../input/quote.ts';
import { refuseConditions } from './conditions.ts';
import { parseAliases, parseNames } from './names.ts';
import { checkConf, type Shape } from './shape.ts';
import { parseBandwidth } from '../../attachment/parse-bandwidth.ts';
import { interfaceOf } from './interface.ts';
import { parseMtu, withoutIpam } from './options.ts';
import { nameToRemember, UNICAST_FORM, unicastMac } from '../../attachment/parse-names.ts';
import { parseOutbound } from '../../attachment/parse-outbound.ts';
import { parsePortMappings } from '../../attachment/parse-ports.ts';
import { parseRoutes } from '../../attachment/parse-routes.ts';
import { switches } from './switches.ts';
import { CniError, CODE } from '../errors.ts';
import { canonicalKeys, type Fields, invalidValue, isFields } from '../../input/parse.ts';
import { parseResult } from '../prev-result.ts';
import { CNI_ARGS } from '../schema.ts';
import { parseZone } from '../../attachment/parse-zone.ts';
import { parseSnat } from '../../attachment/parse-snat.ts';
import type { Bandwidth } from '../../veth/bandwidth.ts';
import type { NetworkSpec } from '../../attachment/spec.ts';
import { delegatedIpam } from '../delegate.ts';
import { refuseUntold } from '../result.ts';
import type { NetConf } from '../types.ts';
import { checkKeys, type InferKeys } from '../../input/schema.ts';

const DEFAULT_BRIDGE = 'flatnet-br0';
const OWN_IPAM = ['flatnet', 'flatnet-ipam'];

/** Keys of the reference plugins that flatnet does not support: refused by name, never ignored. */
const UNSUPPORTED = ['vlan', 'vlanTrunk', 'preserveDefaultVlan'];

/** Completes "expected". */
const OUTBOUND_NEEDS = '"ipMasq": true beside it, and not "internal"';

const RUNTIME_KEYS = ['ips', 'mac', 'ipRanges', 'portMappings', 'aliases', 'dns', 'bandwidth'];
const BANDWIDTH_KEYS = ['ingressRate', 'ingressBurst', 'egressRate', 'egressBurst'];
const RANGE_KEYS = ['subnet', 'rangeStart', 'rangeEnd', 'gateway', 'exclude'];
const PORT_KEYS = ['hostPort', 'containerPort', 'protocol', 'hostIP'];

function canonicalRuntimeConfig(fields: Fields): Fields {
  const runtimeConfig = canonicalKeys(fields['runtimeConfig'], RUNTIME_KEYS);
  const mappings = runtimeConfig['portMappings'];
  const limits = runtimeConfig['bandwidth'];
  const ranges = runtimeConfig['ipRanges'];
  return {
    ...runtimeConfig,
    ...(limits === undefined ? {} : { bandwidth: canonicalKeys(limits, BANDWIDTH_KEYS) }),
    ...(Array.isArray(mappings)
      ? { portMappings: mappings.map((mapping) => canonicalKeys(mapping, PORT_KEYS)) }
      : {}),
    ...(Array.isArray(ranges) ? { ipRanges: ranges.map(canonicalSet) } : {}),
  };
}

/** Anything else passes through; parsePool() rejects it. */
function canonicalSet(set: unknown): unknown {
  if (!Array.isArray(set)) return set;
  return set.map((range: unknown) => (isFields(range) ? canonicalKeys(range, RANGE_KEYS) : range));
}

function refuseUnsupported(fields: Fields, where: string): void {
  for (const key of UNSUPPORTED) {
    const value = fields[key];
    if (value === undefined || value === false || value === 0) continue;
    throw new CniError(CODE.unsupportedField, `Cannot do "${key}" of ${where}: ${quote(value)}`, {
      details:
        'flatnet does not support this key; remove it, or use the reference bridge plugin for this network',
    });
  }
}

function parseIpam(envelope: Envelope, args: CniArgs, shape: Shape): NetworkSpec['ipam'] {
  const { ipam } = shape;
  if (ipam?.type !== undefined && !OWN_IPAM.includes(ipam.type)) {
    return delegatedIpam({ type: ipam.type, path: args.path, env: args.env, stdin: envelope.stdin });
  }
  const ipRanges = shape.runtimeConfig?.ipRanges;
  return {
    from: 'pool',
    pool: parsePool({
      network: envelope.name,
      ipam: envelope.fields['ipam'],
      ...(ipRanges === undefined ? {} : { ipRanges }),
    }),
    routes: parseRoutes(ipam?.routes ?? [], {
      list: 'ipam.routes',
      where: `the configuration of network "${envelope.name}"`,
    }),
    dns: ipam?.dns ?? {},
    resolvConf: ipam?.resolvConf,
    dataDir: ipam?.dataDir,
  };
}

function ipamOf(envelope: Envelope, args: CniArgs, shape: Shape): NetworkSpec['ipam'] {
  return shape.disableContainerInterface === true ? withoutIpam(envelope) : parseIpam(envelope, args, shape);
}

function canonicalAddress(text: string, where: string): string {
  const address = parseAddress(splitPrefix(text).address);
  if (address === undefined) throw invalidValue('ips', text, { expected: 'an IP address', where });
  return formatAddress(address);
}

function requestedIPs(shape: Shape, args: InferKeys<typeof CNI_ARGS>, where: string): readonly string[] {
  const asked = [
    // CONVENTIONS: CNI_ARGS is ignored for a key that `args` has, too.
    ...(shape.args?.cni?.ips ?? (args.IP ?? '').split(',')),
    ...(shape.runtimeConfig?.ips ?? []),
  ].filter((text) => text !== '');
  return [...new Set(asked.map((text) => canonicalAddress(text, where)))];
}

function askedMac(mac: string | undefined, where: string): string | undefined {
  if (mac === undefined) return undefined;
  const unicast = unicastMac(mac);
  if (unicast !== undefined) return unicast;
  throw invalidValue('mac', mac, { expected: UNICAST_FORM, where });
}

function portMappingsOf(shape: Shape, ipam: NetworkSpec['ipam'], where: string) {
  // Rules on the way of somebody else's packets, or to no address. Another network of the container may publish the ports.
  if (shape.mode === 'unmanaged' || shape.disableContainerInterface === true) return [];
  const mappings = shape.runtimeConfig?.portMappings ?? [];
  return parsePortMappings(mappings, ipam, { list: 'runtimeConfig.portMappings', where });
}

function bandwidthOf(shape: Shape, where: string): Bandwidth {
  return parseBandwidth(shape.runtimeConfig?.bandwidth ?? shape, where);
}

/** Switches, source addresses and names. */
function settingsOf(shape: Shape, ipam: NetworkSpec['ipam'], where: string) {
  const flags = switches(shape, where);
  return {
    ...flags,
    names: parseNames(shape),
    ...parseSnat(shape, { key: 'masqAll', where }),
    firewalldZone: parseZone(shape.firewalldZone, flags, { key: 'firewalldZone', where }),
    outbound: parseOutbound(shape, { ...flags, ipam }, { where, needs: OUTBOUND_NEEDS }),
  };
}

/** Checks and completes the configuration of a request (precedence: runtimeConfig, args.cni, CNI_ARGS). */
export function parseNetConf(envelope: Envelope, args: CniArgs): NetConf {
  const where = `the configuration of network "${envelope.name}"`;
  const runtimeConfig = canonicalRuntimeConfig(envelope.fields);
  refuseUnsupported(envelope.fields, where);
  refuseConditions(envelope.fields, where);
  const shape = checkConf({ ...envelope.fields, runtimeConfig }, where);
  const cniArgs = checkKeys(CNI_ARGS, args.args, { where: 'CNI_ARGS' });
  const mac = shape.runtimeConfig?.mac ?? shape.args?.cni?.mac ?? cniArgs.MAC ?? shape.mac;
  const ipam = ipamOf(envelope, args, shape);
  const { prevResult } = shape;
  const { name, cniVersion } = envelope;
  return {
    cniVersion,
    network: {
      name,
      bridge: shape.bridge ?? DEFAULT_BRIDGE,
      ...settingsOf(shape, ipam, where),
      mtu: parseMtu(shape.mtu, ipam, where),
      ipam,
      dns: shape.dns ?? {},
    },
    attachment: {
      containerID: args.containerID,
      ifname: args.ifname,
      netns: args.netns,
      containerName: nameToRemember(cniArgs.K8S_POD_NAME),
      aliases: parseAliases(shape, name),
      mac: askedMac(mac, where),
      requestedIPs: requestedIPs(shape, cniArgs, where),
      portMappings: portMappingsOf(shape, ipam, where),
      bandwidth: bandwidthOf(shape, where),
      ...interfaceOf(shape, { ifname: args.ifname, ipam, where }),
      admit: (families) => {
        refuseUntold(name, cniVersion, families);
      },
    },
    prevResult: prevResult === undefined ? undefined : parseResult(prevResult, `prevResult of ${where}`),
    validAttachments: shape['cni.dev/valid-attachments'],
  };
}

/** The keys that determine where the addresses are stored. */
function ofIpam({ ipam }: Fields): Fields {
  return isFields(ipam) ? { ipam: { type: ipam['type'], dataDir: ipam['dataDir'] } } : {};
}

/**
 * Like parseNetConf for removal, which needs only the network's name and the place of its addresses. Any other wrong
 * key counts as absent: an attachment must be removable after its network was edited.
 */
export function parseForRemoval(envelope: Envelope, args: CniArgs, tolerate: Tolerate): NetConf {
  try {
    return parseNetConf(envelope, args);
  } catch (error) {
    const conf = parseNetConf({ ...envelope, fields: ofIpam(envelope.fields) }, { ...args, args: {} });
    tolerate(error);
    const containerName = nameToRemember(args.args['K8S_POD_NAME']);
    return { ...conf, attachment: { ...conf.attachment, containerName } };
  }
}
