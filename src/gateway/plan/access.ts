import { bitsOf, formatAddress, parseAddress } from '../../input/address.ts';

/** RFC 1918, RFC 4193, link-local and loopback addresses. */
const LAN = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
];
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** The CIDRs that the entries of a label of access stand for, each once. */
export function accessOf(entries: readonly string[], hostAddresses: readonly string[]): readonly string[] {
  const own = hostAddresses.flatMap((text) => {
    const address = parseAddress(text);
    return address === undefined ? [] : [`${formatAddress(address)}/${bitsOf(address.family)}`];
  });
  const cidrs = entries.flatMap((entry) => {
    if (entry === 'lan') return LAN;
    return entry === 'host' ? [...LOOPBACK, ...own.toSorted()] : [entry];
  });
  return [...new Set(cidrs)];
}
