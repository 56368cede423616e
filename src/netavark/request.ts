import type { CallContext } from '../attachment/context.ts';
import { explainInLine } from '../attachment/explain.ts';
import {
  aliasesToRemember,
  CONTAINER_ID_FORM,
  CONTAINER_ID_LIMIT,
  ifnameProblem,
  isContainerID,
  nameToRemember,
  UNICAST_FORM,
  unicastMac,
} from '../attachment/parse-names.ts';
import { parsePortMappings } from '../attachment/parse-ports.ts';
import { parseSysctls } from '../attachment/parse-sysctls.ts';
import type { AttachmentSpec, Job, NetworkSpec } from '../attachment/spec.ts';
import { jobOf } from '../attachment/spec.ts';
import { formatAddress, parseAddress } from '../input/address.ts';
import { type Fields, invalidValue, isFields } from '../input/parse.ts';
import { checkShape, type Infer } from '../input/schema.ts';
import { type NetavarkNetwork, parseNetwork } from './network/network.ts';
import { isDataDir, plain } from './network/options.ts';
import { expandPorts } from './ports.ts';
import { requestSchema } from './schema.ts';

type Shape = Infer<ReturnType<typeof requestSchema>>;

const WHERE = 'the request of netavark';

/** Names come from whoever starts the container; what is no name for DNS is left out. */
const ALIAS = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/;

function aliasesOf({ aliases = [] }: Shape['network_options']): readonly string[] {
  return aliasesToRemember(aliases.filter((alias) => ALIAS.test(alias)));
}

function checkNames({ container_id: id, network_options: { interface_name: ifname } }: Shape): void {
  if (!isContainerID(id) || id.length > CONTAINER_ID_LIMIT) {
    const expected = `at most ${CONTAINER_ID_LIMIT} characters; ${CONTAINER_ID_FORM}`;
    throw invalidValue('container_id', id, { expected, where: WHERE });
  }
  const problem = ifnameProblem(ifname);
  if (problem === undefined) return;
  throw invalidValue('network_options.interface_name', ifname, {
    expected: `another name: ${problem}`,
    where: WHERE,
  });
}

function macOf({ static_mac: mac }: Shape['network_options']): string | undefined {
  if (mac === undefined) return undefined;
  const unicast = unicastMac(mac);
  if (unicast !== undefined) return unicast;
  throw invalidValue('network_options.static_mac', mac, { expected: UNICAST_FORM, where: WHERE });
}

function addressesOf(
  { static_ips: ips = [] }: Shape['network_options'],
  { ipam, name }: NetworkSpec,
): readonly string[] {
  if (ips.length === 0 && ipam.from === 'caller') {
    const expected = `an address of network "${name}", which Podman chooses; or let flatnet choose: make the network anew by "podman network create -d flatnet ${name}"`;
    throw invalidValue('network_options.static_ips', undefined, { expected, where: WHERE });
  }
  const texts = ips.map((text) => {
    const address = parseAddress(text);
    if (address !== undefined) return formatAddress(address);
    throw invalidValue('network_options.static_ips', text, { expected: 'IP addresses', where: WHERE });
  });
  return [...new Set(texts)];
}

/** A bridge that is somebody else's has no rules of flatnet's; another network of the container may publish its ports. */
function portsOf(shape: Shape, { network }: NetavarkNetwork, ctx: CallContext) {
  const mappings = expandPorts(shape.port_mappings ?? [], WHERE);
  const { isUnmanaged, disableContainerInterface: isDisabled } = network;
  if (isUnmanaged !== true && isDisabled !== true)
    return parsePortMappings(mappings, network.ipam, { list: 'port_mappings', where: WHERE });
  const reason = isUnmanaged === true ? 'is unmanaged' : 'gives no address';
  if (mappings.length > 0)
    ctx.trace.warnings.push(`Network "${network.name}" ${reason}: it publishes no port`);
  return [];
}

function attachmentOf(
  shape: Shape,
  read: NetavarkNetwork,
  { netns, ctx }: { readonly netns: string; readonly ctx: CallContext },
): AttachmentSpec {
  const { container_id: containerID, network_options: options } = shape;
  return {
    containerID,
    ifname: options.interface_name,
    netns,
    containerName: nameToRemember(shape.container_name),
    aliases: aliasesOf(options),
    mac: macOf(options),
    requestedIPs: addressesOf(options, read.network),
    portMappings: portsOf(shape, read, ctx),
    sysctls: parseSysctls(read.sysctls, options.interface_name, {
      list: 'options.sysctl',
      where: `network "${read.network.name}"`,
    }),
    bandwidth: read.bandwidth,
    ...read.interface,
  };
}

/** A call, once it is read. */
export interface Called {
  readonly job: Job;
}

/**
 * Reads the request of `setup`.
 *
 * @throws FlatnetError naming key, value and what would be right.
 */
export function parseRequest(fields: Fields, netns: string, ctx: CallContext): Called {
  const shape = checkShape(requestSchema(), fields, WHERE);
  checkNames(shape);
  const read = parseNetwork(shape.network, shape.network_options.options);
  const spec = attachmentOf(shape, read, { netns, ctx });
  if (spec.containerName !== undefined) ctx.trace.facts['containerName'] = spec.containerName;
  return { job: jobOf(read.network, spec, ctx) };
}

/** However it is spelled, as the driver reads it; one that cannot be used was not used. */
function dataDirIn({ options }: Fields): string | undefined {
  const spelled = Object.entries(isFields(options) ? options : {});
  return spelled
    .filter(([name]) => plain(name) === plain('data-dir'))
    .map(([, value]) => value)
    .findLast(isDataDir);
}

/** Of a network that was changed since: its name, and where its addresses are kept. */
function whatRemovalNeeds(fields: Fields): Fields {
  const network = isFields(fields['network']) ? fields['network'] : {};
  const dataDir = dataDirIn(network);
  const asked = isFields(fields['network_options']) ? fields['network_options'] : {};
  return {
    container_id: fields['container_id'],
    container_name: fields['container_name'],
    network: {
      name: network['name'],
      network_interface: 'any',
      subnets: [{ subnet: '10.87.1.0/24' }],
      ipam_options: { driver: 'flatnet' },
      ...(dataDir === undefined ? {} : { options: { 'data-dir': dataDir } }),
    },
    network_options: { interface_name: asked['interface_name'] },
  };
}

/** As `parseRequest`, for `teardown`: what it does not need may be wrong, which is noted. */
export function parseForTeardown(fields: Fields, netns: string, ctx: CallContext): Called {
  try {
    return parseRequest(fields, netns, ctx);
  } catch (error) {
    const called = parseRequest(whatRemovalNeeds(fields), netns, ctx);
    ctx.trace.warnings.push(explainInLine(error, { kind: 'internal', doing: 'read the request' }));
    return called;
  }
}
