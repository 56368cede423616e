import { parseAddress } from '../../input/address.ts';

/** A Host header taken apart: `forgejo.local:8080`, `[2001:db8::1]`. */
export interface HostHeader {
  /** Lower case, without brackets, port and final dot. */
  readonly name: string;
  /** Digits; `undefined` without one. */
  readonly port: string | undefined;
  readonly isAddress: boolean;
}

const FORM = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/?#@\s\\]+?)\.?)(?::(\d{1,5}))?$/i;

/** `undefined` for what is no host with a port, or longer than a name can be. */
export function parseHostHeader(text: string | undefined): HostHeader | undefined {
  if (text === undefined || text.length > 260) return undefined;
  const match = FORM.exec(text);
  const name = (match?.[1] ?? match?.[2])?.toLowerCase();
  if (match === null || name === undefined || name.length > 253) return undefined;
  return { name, port: match[3], isAddress: parseAddress(name) !== undefined };
}

/**
 * Whether a browser may see page and API under this name. A page of another site whose name leads here (DNS rebinding) must not,
 * so names are those we know; an address is nobody's name and needs no list.
 */
export function isOwnHost(host: HostHeader, known: readonly string[]): boolean {
  return host.isAddress || known.some((name) => name.toLowerCase().replace(/\.$/, '') === host.name);
}
