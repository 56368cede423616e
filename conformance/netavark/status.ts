import { checkKeys, isAddress, isCidr, isMac, isObject, isString, isText, isTextList } from '../shape.ts';
import { isUnsigned, listErrors, wrong, type Json } from '../shape.ts';

/** A status block, unchecked: every key may be missing or of another type. */
export interface Status {
  readonly interfaces?: Readonly<Record<string, StatusInterface>> | null;
  readonly dns_server_ips?: readonly string[] | null;
  readonly dns_search_domains?: readonly string[] | null;
}

export interface StatusInterface {
  readonly mac_address: string;
  readonly subnets?: readonly StatusAddress[] | null;
}

export interface StatusAddress {
  /** The address of the container, with the prefix of its subnet. */
  readonly ipnet: string;
  readonly gateway?: string | null;
}

/** Every address of a status block, with its gateway. */
export function addressesOf({ interfaces }: Status): StatusAddress[] {
  return Object.values(interfaces ?? {}).flatMap(({ subnets }) => subnets ?? []);
}

/** The addresses without their prefixes. */
export function bareAddresses(status: Status): string[] {
  return addressesOf(status).map(({ ipnet }) => ipnet.split('/')[0]!);
}

type IsRight = (value: unknown) => boolean;

/** `Option<T>` of the Rust types: absent, `null`, or a T. */
const orNull =
  (isRight: IsRight): IsRight =>
  (value) =>
    value === undefined || value === null || isRight(value);
const isFlag: IsRight = (value) => typeof value === 'boolean';
const isTexts: IsRight = (value) => isObject(value) && Object.values(value).every(isString);
const isAddresses: IsRight = (value) => Array.isArray(value) && value.every(isAddress());

/** Errors of an optional list of objects. */
function entries(value: unknown, name: string, errorsOf: (entry: Json, at: string) => string[]): string[] {
  return value === undefined || value === null ? [] : listErrors(value, name, errorsOf);
}

/** Errors in the shape of a status block, one sentence each. Unknown keys pass. */
export function statusErrors(status: unknown): string[] {
  if (!isObject(status)) return [`the status block is ${JSON.stringify(status)}, not an object`];
  const interfaces = status['interfaces'] ?? {};
  return [
    ...checkKeys(status, 'status', [
      ['interfaces', orNull(isObject), 'an object with the interfaces by their names'],
      ['dns_server_ips', orNull(isAddresses), 'a list of addresses'],
      ['dns_search_domains', orNull(isTextList), 'a list of texts'],
    ]),
    ...Object.entries(isObject(interfaces) ? interfaces : {}).flatMap(([name, entry]) =>
      interfaceErrors(entry, `interfaces.${name}`),
    ),
  ];
}

function interfaceErrors(entry: unknown, at: string): string[] {
  if (!isObject(entry)) return [wrong(at, entry, 'an object')];
  return [
    ...checkKeys(entry, at, [['mac_address', isMac, 'a hardware address']]),
    ...entries(entry['subnets'], `${at}.subnets`, (subnet, where) =>
      checkKeys(subnet, where, [
        ['ipnet', isCidr(), 'an address with its prefix'],
        ['gateway', orNull(isAddress()), 'an address'],
      ]),
    ),
  ];
}

/** Errors in the shape of a network, as an answer to `create` has it. */
export function networkErrors(network: unknown): string[] {
  if (!isObject(network)) return [`the network is ${JSON.stringify(network)}, not an object`];
  return [
    ...checkKeys(network, 'network', [
      ...(['name', 'id', 'driver'] as const).map((key) => [key, isText, 'a text'] as const),
      ...(['internal', 'ipv6_enabled', 'dns_enabled'] as const).map(
        (key) => [key, isFlag, 'true or false'] as const,
      ),
      ...(['options', 'ipam_options', 'labels'] as const).map(
        (key) => [key, orNull(isTexts), 'an object of texts'] as const,
      ),
      ['network_interface', orNull(isString), 'a text'],
      ['network_dns_servers', orNull(isAddresses), 'a list of addresses'],
    ]),
    ...entries(network['subnets'], 'subnets', subnetErrors),
    ...entries(network['routes'], 'routes', (route, at) =>
      checkKeys(route, at, [
        ['destination', isCidr(), 'a destination with its prefix'],
        ['gateway', orNull(isAddress()), 'an address'],
        ['metric', orNull(isUnsigned), 'a number from 0'],
      ]),
    ),
  ];
}

function subnetErrors(subnet: Json, at: string): string[] {
  const lease = subnet['lease_range'] ?? {};
  return [
    ...checkKeys(subnet, at, [
      ['subnet', isCidr(), 'a subnet with its prefix'],
      ['gateway', orNull(isAddress()), 'an address'],
      ['lease_range', orNull(isObject), 'an object'],
    ]),
    ...checkKeys(isObject(lease) ? lease : {}, `${at}.lease_range`, [
      ['start_ip', orNull(isAddress()), 'an address'],
      ['end_ip', orNull(isAddress()), 'an address'],
    ]),
  ];
}
