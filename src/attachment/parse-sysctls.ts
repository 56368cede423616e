import { invalidValue } from '../input/parse.ts';

/** Where the sysctls are: the key that has them, which messages name, and what it is a key of. */
export interface SysctlPlace {
  readonly list: string;
  readonly where: string;
}

function pathOf(key: string): string {
  return key.includes('/') ? key : key.replaceAll('.', '/');
}

/**
 * As in the tuning plugin; `IFNAME` stands for the interface. Returned by path below /proc/sys.
 * @throws FlatnetError for keys outside `net.` and for duplicates.
 */
export function parseSysctls(
  sysctls: Readonly<Record<string, unknown>>,
  ifname: string,
  { list, where }: SysctlPlace,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(sysctls)) {
    const path = pathOf(key).replaceAll('IFNAME', ifname);
    const refuse = (expected: string) => invalidValue(`${list}.${key}`, value, { expected, where });
    if (typeof value !== 'string') throw refuse('a text');
    if (!/^net(\/[\w.@-]+)+$/.test(path) || path.includes('..')) throw refuse('a key below "net."');
    if (path in found) throw refuse('a key that is not already present in another spelling');
    found[path] = value;
  }
  return found;
}
