import { familyOf, parseAddress } from '../input/address.ts';
import type { Listen } from './settings.ts';

const LAST_PORT = 65_535;

/** Parses `*:80`, `192.168.10.1:80`, `[fd00::1]:80`; `undefined` for any other text. */
export function parseListen(text: string): Listen | undefined {
  const match = /^(?:\*|\[([^\]]+)\]|([^:[\]]+)):([1-9]\d{0,4})$/.exec(text);
  if (match === null) return undefined;
  const [, six, four, digits = ''] = match;
  const port = Number(digits);
  if (port > LAST_PORT) return undefined;
  const address = six ?? four;
  if (address === undefined) return { address: '*', port };
  const isValid = parseAddress(address) !== undefined && familyOf(address) === (six === undefined ? 4 : 6);
  return isValid ? { address, port } : undefined;
}
