import type { Attachment } from '../ipam/types.ts';

/** Describes the attachment on the host end of its pair, so that lost state can be rebuilt from the kernel. */
export interface AliasContent extends Attachment {
  /** CIDRs. */
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
  readonly containerName?: string;
  /** Tag of the data directory that has the addresses, or `none`; absent for the default one. */
  readonly directory?: string;
}

/** Longest link alias that the kernel keeps, in bytes (IFALIASZ - 1). */
export const ALIAS_LIMIT = 255;
const MARK = 'flatnet/1';
const SAFE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

function fieldsOf(content: AliasContent, name: string | undefined): string {
  const fields = [
    MARK,
    `net=${content.network}`,
    `id=${content.containerID}`,
    `if=${content.ifname}`,
    `ip=${content.addresses.join(',')}`,
    `gw=${content.gateways.join(',')}`,
    ...(content.directory === undefined ? [] : [`dir=${content.directory}`]),
    ...(name === undefined ? [] : [`name=${name}`]),
  ];
  return fields.join(';');
}

/**
 * The alias text: `flatnet/1;net=...;id=...;if=...;ip=...;gw=...;dir=...;name=...`. The name, which nothing depends on,
 * is dropped if it does not fit or has other characters than SAFE_NAME allows.
 * @returns `undefined` if the rest alone exceeds ALIAS_LIMIT.
 */
export function formatAlias(content: AliasContent): string | undefined {
  const name = content.containerName;
  if (name !== undefined && SAFE_NAME.test(name)) {
    const whole = fieldsOf(content, name);
    if (whole.length <= ALIAS_LIMIT) return whole;
  }
  const short = fieldsOf(content, undefined);
  return short.length <= ALIAS_LIMIT ? short : undefined;
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
  return {
    network,
    containerID,
    ifname,
    addresses: list(fields.get('ip')),
    gateways: list(fields.get('gw')),
    ...(containerName === undefined ? {} : { containerName }),
    ...(directory === undefined ? {} : { directory }),
  };
}
