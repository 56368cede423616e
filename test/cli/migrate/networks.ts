import { convert, readSource } from '../../../src/cli/migrate/convert.ts';
import type { Source } from '../../../src/cli/migrate/source.ts';

export const STAMP = { id: 'a'.repeat(64), created: '2026-01-31T08:00:00.000Z' };
export const CONFLIST = '/etc/cni/net.d/lab.conflist';
export const NETWORK = '/etc/containers/networks/lab.json';

type Fields = Readonly<Record<string, unknown>>;

/** The ranges that every network here has unless it says otherwise. */
export const RANGES = [[{ subnet: '10.87.9.0/24', gateway: '10.87.9.1' }]];

/** A conflist of flatnet's, with these keys in its entry and in its list. */
export function conflist(plugin: Fields = {}, list: Fields = {}): string {
  const entry = { type: 'flatnet', bridge: 'lab0', ipMasq: true, ...plugin };
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'lab',
    plugins: [{ ipam: { ranges: RANGES }, ...entry }],
    ...list,
  });
}

/** A network of netavark of flatnet's, with these keys. */
export function networkFile(fields: Fields = {}): string {
  return JSON.stringify({
    name: 'lab',
    id: '9'.repeat(64),
    driver: 'flatnet',
    network_interface: 'lab0',
    created: '2026-02-01T08:00:00.5Z',
    subnets: [{ subnet: '10.87.9.0/24', gateway: '10.87.9.1' }],
    ipv6_enabled: false,
    internal: false,
    dns_enabled: true,
    ipam_options: { driver: 'flatnet' },
    ...fields,
  });
}

export const fromConflist = (text: string): Source => readSource('cni', text, CONFLIST);
export const fromNetwork = (text: string): Source => readSource('netavark', text, NETWORK);

/** What becomes of a conflist: the file of netavark, and the keys that are lost. */
export function toNetavark(text: string): { file: any; lost: readonly string[] } {
  const converted = convert(fromConflist(text), NETWORK, STAMP);
  return { file: JSON.parse(converted.text), lost: converted.losses.map(({ key }) => key) };
}

/** What becomes of a network of netavark: flatnet's entry, the list, and the keys that are lost. */
export function toConflist(text: string): { list: any; plugin: any; lost: readonly string[] } {
  const converted = convert(fromNetwork(text), CONFLIST, STAMP);
  const list: any = JSON.parse(converted.text);
  return { list, plugin: list.plugins[0], lost: converted.losses.map(({ key }) => key) };
}
