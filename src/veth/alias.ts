import type { Attachment } from '../ipam/types.ts';

/** Describes the attachment on the host end of its pair, so that lost state can be rebuilt from the kernel. */
export interface AliasContent extends Attachment {
  /** CIDRs. */
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
  readonly containerName?: string;
  /** RFC 3339, when the addresses were given: an entry of another time is of an earlier attachment. */
  readonly time?: string;
  /** Tag of the data directory that has the addresses, or `none`; absent for the default one. */
  readonly directory?: string;
}

/** Longest link alias that the kernel keeps, in bytes (IFALIASZ - 1). */
export const ALIAS_LIMIT = 255;
const MARK = 'flatnet/1';
/** What is left out where it does not fit. */
interface Extras {
  readonly containerName?: string | undefined;
  readonly time?: string | undefined;
}

const SAFE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Digits of the times in aliases, milliseconds since 1970: eight characters. */
const RADIX = 36;

function timeOf(text: string | undefined): string | undefined {
  const ms = parseInt(text ?? '', RADIX);
  return Number.isSafeInteger(ms) && ms < LAST_MS ? new Date(ms).toISOString() : undefined;
}

/** Of the year 9999, the last that ISO 8601 has without a sign. */
const LAST_MS = 253_402_300_800_000;

function fieldsOf(content: AliasContent, { containerName: name, time }: Extras): string {
  const fields = [
    MARK,
    `net=${content.network}`,
    `id=${content.containerID}`,
    `if=${content.ifname}`,
    `ip=${content.addresses.join(',')}`,
    `gw=${content.gateways.join(',')}`,
    ...(content.directory === undefined ? [] : [`dir=${content.directory}`]),
    ...(time === undefined ? [] : [`at=${Date.parse(time).toString(RADIX)}`]),
    ...(name === undefined ? [] : [`name=${name}`]),
  ];
  return fields.join(';');
}

/**
 * The alias text: `flatnet/1;net=...;id=...;if=...;ip=...;gw=...;dir=...;at=...;name=...`. The name is dropped if it does not
 * fit or has other characters than SAFE_NAME allows, and then the time, which only lost state needs.
 * @returns `undefined` if the rest alone exceeds ALIAS_LIMIT.
 */
export function formatAlias(content: AliasContent): string | undefined {
  const { containerName = '', time } = content;
  const extras = [...(SAFE_NAME.test(containerName) ? [{ containerName, time }] : []), { time }, {}];
  return extras.map((some) => fieldsOf(content, some)).find((text) => text.length <= ALIAS_LIMIT);
}

function list(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(',');
}

/** `undefined` for aliases that are not flatnet's. */
export function parseAlias(alias: string): AliasContent | undefined {
  const [mark, ...rest] = alias.split(';');
  if (mark !== MARK) return undefined;
  const fields = new Map(
    rest.map((field) => {
      const at = field.indexOf('=');
      return [field.slice(0, at), field.slice(at + 1)];
    }),
  );
  const network = fields.get('net');
  const containerID = fields.get('id');
  const ifname = fields.get('if');
  if (network === undefined || containerID === undefined || ifname === undefined) return undefined;
  const containerName = fields.get('name');
  const directory = fields.get('dir');
  const time = timeOf(fields.get('at'));
  return {
    network,
    containerID,
    ifname,
    addresses: list(fields.get('ip')),
    gateways: list(fields.get('gw')),
    ...(containerName === undefined ? {} : { containerName }),
    ...(time === undefined ? {} : { time }),
    ...(directory === undefined ? {} : { directory }),
  };
}
