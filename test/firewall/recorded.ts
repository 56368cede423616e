import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRuleset, type Ruleset } from '../../src/firewall/ruleset.ts';
import type { Element } from '../../src/firewall/table.ts';

/** `nft -j list ruleset` of two releases about the same rules: flatnet's, those of `FOREIGN`, and iptables' of `IPTABLES`. */
const RELEASES = ['1.0.6', '1.1.3-without-etc-protocols'] as const;

/** The rulesets, by release of nft. */
export const RECORDED: readonly (readonly [string, Ruleset])[] = RELEASES.map((release) => {
  const path = join(import.meta.dirname, `../fixtures/samples/nft/${release}.json`);
  return [release, parseRuleset(JSON.parse(readFileSync(path, 'utf8')))] as const;
});

/** The elements of attachments and networks that were in flatnet's tables. */
export const ELEMENTS: readonly Element[] = [
  { set: 'ports4', key: 'tcp . 8080', value: '10.87.1.2 . 80', owner: 'fn1' },
  { set: 'ports4', key: 'udp . 53', value: '10.87.1.2 . 53', owner: 'fn1' },
  { set: 'ports4', key: 'sctp . 9', value: '10.87.1.2 . 9', owner: 'fn1' },
  { set: 'ports6', key: 'tcp . 8080', value: 'fd00::2 . 80', owner: 'fn1' },
  { set: 'bound4', key: 'tcp . 127.0.0.1 . 8081', value: '10.87.1.2 . 81', owner: 'fn1' },
  { set: 'bound6', key: 'tcp . ::1 . 8081', value: 'fd00::2 . 81', owner: 'fn1' },
  { set: 'waiting4', key: 'tcp . 0.0.0.0 . 8080 . 10.88.0.2 . 80', owner: 'fn2' },
  { set: 'waiting6', key: 'tcp . :: . 8080 . fd01::2 . 80', owner: 'fn2' },
  { set: 'hairpin4', key: '"br0" . 10.87.1.0/24 . 10.87.1.0/24' },
  { set: 'hairpin4', key: '"br0" . 10.99.1.1 . 10.99.1.1' },
  { set: 'hairpin6', key: '"br0" . fd00::/64 . fd00::/64' },
  { set: 'loopback', key: '"br0"' },
  { set: 'loops', key: '"br0" . "br0"' },
  { set: 'isolated', key: '"br0"' },
  { set: 'internal', key: '"br0"' },
  { set: 'guarded', key: '"fn1"', owner: 'fn1' },
  { set: 'macs', key: '"fn1" . 0a:58:0a:57:01:02', owner: 'fn1' },
  { set: 'arp4', key: '"fn1" . 10.87.1.2', owner: 'fn1' },
  { set: 'nd6', key: '"fn1" . fd00::2', owner: 'fn1' },
  { set: 'targets6', key: '"fn1" . 0xfd000000000000000000000000000002', owner: 'fn1' },
];
