import { bitsOf, formatAddress, networkOf, parseAddress, parseCidr } from '../../input/address.ts';
import type { Scheme } from '../model.ts';
import type { Form } from './forms.ts';

/*
 * Values of labels. Whoever may start a container writes them, and some become part of nginx's configuration, so each has
 * a grammar of its own that leaves no room for quotes, blanks, line ends or any other character that nginx would read
 * (gateway.md D9).
 */

/** How a value is read; `undefined` for any text that does not conform. */
export interface Grammar<T> {
  readonly parse: (value: string) => T | undefined;
  readonly form: Form;
}

/** No label needs more, and regular expressions are only run on what is shorter. */
const LENGTH_LIMIT = 4096;
const LIST_LIMIT = 32;

const PRINTABLE_ASCII = /^[ -~]+$/;
/** RFC 1123: no underscore, no hyphen at either end. */
const HOST_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Browsers read a host whose last label is a number as an IPv4 address (WHATWG URL, "ends in a number"). */
const NUMBER = /^(\d+|0x[0-9a-f]*)$/;

/** One host name in lower case, of at most 253 characters. */
export function parseHost(text: string): string | undefined {
  if (text.length > 253 || !PRINTABLE_ASCII.test(text)) return undefined;
  const host = text.toLowerCase();
  const labels = host.split('.');
  return labels.every((label) => HOST_LABEL.test(label)) && !NUMBER.test(labels.at(-1) ?? '')
    ? host
    : undefined;
}

/** Entries between commas, each read alone; `undefined` if one of them is not read, or none is there. */
function parseList<T>(value: string, parse: (entry: string) => T | undefined): readonly T[] | undefined {
  if (value.length > LENGTH_LIMIT || !PRINTABLE_ASCII.test(value)) return undefined;
  const entries = value.split(',').map((entry) => parse(entry.trim()));
  const read = entries.filter((entry) => entry !== undefined);
  return read.length === entries.length && read.length <= LIST_LIMIT ? [...new Set(read)] : undefined;
}

function parseWithin(value: string, least: number, most: number): number | undefined {
  if (!/^(0|-?[1-9]\d{0,5})$/.test(value)) return undefined;
  const number = Number(value);
  return number >= least && number <= most ? number : undefined;
}

function parsePath(value: string): string | undefined {
  if (value.length > 200 || !/^(\/[A-Za-z0-9._~-]+)*\/?$/.test(value) || value === '') return undefined;
  if (value.split('/').some((segment) => segment === '.' || segment === '..')) return undefined;
  return value.endsWith('/') ? value : `${value}/`;
}

const FACTORS: Readonly<Record<string, number>> = {
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
};

function parseSize(value: string): number | undefined {
  const [, digits = '', unit = ''] = /^(0|[1-9]\d{0,14})([kmg]?)$/i.exec(value) ?? [];
  const bytes = Number(digits) * (FACTORS[unit.toLowerCase()] ?? 1);
  return digits !== '' && Number.isSafeInteger(bytes) ? bytes : undefined;
}

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };
const LONGEST = 7 * 86_400;

function parseTime(value: string): number | undefined {
  const [, digits = '', unit = ''] = /^([1-9]\d{0,6})([smhd]?)$/.exec(value) ?? [];
  const seconds = Number(digits) * (SECONDS[unit] ?? 1);
  return digits !== '' && seconds <= LONGEST ? seconds : undefined;
}

/** `lan`, `host`, or a network in the form in which nginx has no remark: without host bits. */
function parseWho(entry: string): string | undefined {
  if (entry === 'lan' || entry === 'host') return entry;
  const address = parseAddress(entry);
  const cidr = address === undefined ? parseCidr(entry) : { ...address, prefix: bitsOf(address.family) };
  if (cidr === undefined) return undefined;
  const first = formatAddress({ family: cidr.family, value: networkOf(cidr).first });
  return `${first}/${cidr.prefix}`;
}

/** A value that is one of a few words. */
function word<T>(words: Readonly<Record<string, T>>): (value: string) => T | undefined {
  return (value) => (Object.hasOwn(words, value) ? words[value] : undefined);
}

function matching(pattern: RegExp): (value: string) => string | undefined {
  return (value) => (value.length <= LENGTH_LIMIT && pattern.test(value) ? value : undefined);
}

const SCHEMES: Readonly<Record<string, Scheme>> = { http: 'http', https: 'https', h2c: 'h2c', grpc: 'grpc' };
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Without two hyphens in a row, which part the service from the container in the id of a route. */
const SERVICE = /^(?=.{1,32}$)[a-z0-9]+(-[a-z0-9]+)*$/;
const FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const HOSTS: Grammar<readonly string[]> = {
  parse: (value) => parseList(value, parseHost),
  form: 'hosts',
};
export const PORT: Grammar<number> = { parse: (value) => parseWithin(value, 1, 65_535), form: 'port' };
export const PATH: Grammar<string> = { parse: parsePath, form: 'path' };
export const BOOLEAN: Grammar<boolean> = { parse: word({ true: true, false: false }), form: 'boolean' };
export const SCHEME: Grammar<Scheme> = { parse: word(SCHEMES), form: 'scheme' };
/** Bytes. */
export const SIZE: Grammar<number> = { parse: parseSize, form: 'size' };
/** Seconds. */
export const TIME: Grammar<number> = { parse: parseTime, form: 'time' };
/** Words and CIDRs, see `accessOf`. */
export const ACCESS: Grammar<readonly string[]> = {
  parse: (value) => parseList(value, parseWho),
  form: 'access',
};
export const FILE_NAME: Grammar<string> = { parse: matching(FILE), form: 'fileName' };
/** Whether the container's own health check is ignored. */
export const HEALTH: Grammar<boolean> = { parse: word({ check: false, ignore: true }), form: 'health' };
export const POOL: Grammar<string> = { parse: matching(NAME), form: 'pool' };
export const SERVICE_NAME: Grammar<string> = { parse: matching(SERVICE), form: 'service' };
export const WEIGHT: Grammar<number> = { parse: (value) => parseWithin(value, -1000, 1000), form: 'weight' };
