import { quote } from '../../input/quote.ts';
import { portHolders } from '../../sys/port-holder.ts';
import type { Trouble } from '../snapshot.ts';

export type Diagnosis = Omit<Trouble, 'since'>;

/** Programs that hold a TCP port of this host, as `"apache2" (process 812)`. */
export type HoldersOf = (port: number) => readonly string[];

export const holdersOf: HoldersOf = (port) =>
  portHolders({ protocol: 'tcp', port }).map(
    ({ pid, argv }) => `${quote(argv[0] ?? 'a process')} (process ${pid})`,
  );

export function portTaken(address: string, holders: readonly string[]): Diagnosis {
  const port = address.split(':').at(-1) ?? address;
  const who = holders.length === 0 ? 'another program' : holders.join(', ');
  return {
    code: 'port-taken',
    message: `Cannot start nginx: ${who} has ${quote(address)} already`,
    remedy: `End that program (ss -ltnp "sport = :${port}" shows it), or change "listen" in /etc/flatnet/flatnetd.toml`,
  };
}

interface Rule {
  readonly pattern: RegExp;
  readonly tell: (found: RegExpExecArray, holders: HoldersOf) => Diagnosis;
}

const missing = (path: string, why: string): Diagnosis => ({
  code: 'path-missing',
  message: `nginx cannot use ${quote(path)}: ${why}`,
  remedy: `Put it there, or make it readable for nginx: ls -ld ${path}`,
});

export const diskFull = (why: string): Diagnosis => ({
  code: 'disk-full',
  message: `Cannot write the configuration of nginx: ${why}`,
  remedy: 'Free space or inodes on the file system: df -h; df -i',
});

/** The first that fits says what is wrong; nginx's words are the same in all versions. */
const RULES: readonly Rule[] = [
  {
    pattern: /bind\(\) to (\S+) failed \(98:/,
    tell: ([, address = ''], holders) => portTaken(address, holders(Number(address.split(':').at(-1)))),
  },
  {
    pattern: /bind\(\) to (\S+) failed \(99:/,
    tell: ([, address = '']) => ({
      code: 'address-missing',
      message: `Cannot start nginx: this host does not have the address of ${quote(address)}`,
      remedy: 'Change "listen" in /etc/flatnet/flatnetd.toml to an address of this host: ip -brief address',
    }),
  },
  { pattern: /\((?:28|122): ([^)]+)\)/, tell: ([, why = '']) => diskFull(why) },
  {
    pattern: /cannot load certificate(?: key)? "([^"]+)".*?(No such file or directory|Permission denied)/,
    tell: ([, path = '', why = '']) => missing(path, why),
  },
  {
    pattern: /"([^"]+)" failed \((?:2|13|20): ([^)]+)\)/,
    tell: ([, path = '', why = '']) => missing(path, why),
  },
];

/** The line that says why, without time and process numbers. */
export function reasonIn(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const worst =
    lines.find((line) => /\[(?:emerg|alert|crit)\]/.test(line)) ?? lines[0] ?? 'it did not say why';
  return worst.replace(/^.*\[(?:emerg|alert|crit)\]\s*(?:\d+#\d+: )?(?:\*\d+ )?/, '');
}

/** Tells apart why nginx did not start or take a configuration, from what it printed. */
export function diagnose(said: string, holders: HoldersOf = holdersOf): Diagnosis {
  for (const { pattern, tell } of RULES) {
    const found = pattern.exec(said);
    if (found !== null) return tell(found, holders);
  }
  return {
    code: 'nginx-rejects',
    message: `nginx does not take its configuration: ${reasonIn(said)}`,
    remedy: 'The last good one is still served; flatnet gateway status shows more',
  };
}
