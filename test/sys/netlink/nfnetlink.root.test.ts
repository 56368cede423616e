import { UNBOUNDED } from '../../../src/sys/context.ts';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../../conformance/host.ts';
import { decodeElement, encodeChanges, encodeElement } from '../../../src/firewall/element-bytes.ts';
import { listedNat, natOf, planMasquerade } from '../../../src/firewall/masquerade.ts';
import { parseRuleset } from '../../../src/firewall/ruleset.ts';
import { type Element, groupsOf, TABLE, tableOf } from '../../../src/firewall/table.ts';
import { listedElements } from '../../../src/firewall/table-listing.ts';
import { planTables } from '../../../src/firewall/table-plan.ts';
import { formatTransaction } from '../../../src/firewall/transaction.ts';
import { openNetlink, PROTOCOL } from '../../../src/sys/netlink/netlink.ts';
import { type Changes, changeSets, changeSetsInBackground } from '../../../src/sys/netlink/nfnetlink.ts';
import { hasElement, readGeneration, readRules, readSet } from '../../../src/sys/netlink/nfnetlink-read.ts';

const OWNER = 'fn0123456789abc';

/** One of every set and map, as an attachment and its network have them. */
const EVERY: readonly Element[] = [
  { set: 'ports4', key: 'tcp . 8080', value: '10.87.1.2 . 80', owner: OWNER },
  { set: 'ports6', key: 'udp . 5353', value: 'fd00:87::2 . 53', owner: OWNER },
  { set: 'bound4', key: 'sctp . 192.0.2.1 . 65535', value: '10.87.1.2 . 1', owner: OWNER },
  { set: 'bound6', key: 'tcp . 2001:db8::1 . 8443', value: 'fd00:87::2 . 443', owner: OWNER },
  { set: 'waiting4', key: 'udp . 0.0.0.0 . 53 . 10.87.1.2 . 53', owner: OWNER },
  { set: 'waiting6', key: 'tcp . :: . 8443 . fd00:87::2 . 443', owner: OWNER },
  { set: 'served', key: 'tcp . 8080' },
  { set: 'reached4', key: '10.87.1.2' },
  { set: 'reached6', key: 'fd00:87::2' },
  { set: 'broadcast4', key: '10.87.1.255' },
  { set: 'publishers', key: `"${OWNER}"` },
  { set: 'local4', key: '10.87.1.1' },
  { set: 'local6', key: 'fd00:87::1' },
  { set: 'hairpin4', key: '"flatnet-br0" . 10.87.1.0/24 . 10.87.1.0/24' },
  { set: 'hairpin6', key: '"flatnet-br0" . fd00:87::/64 . fd00:87::/64' },
  { set: 'loopback', key: '"flatnet-br0"' },
  { set: 'loops', key: '"flatnet-br0" . "flatnet-br0"' },
  { set: 'isolated', key: '"flatnet-br0"' },
  { set: 'internal', key: '"fifteen-letters"' },
  { set: 'guarded', key: `"${OWNER}"`, owner: OWNER },
  { set: 'macs', key: `"${OWNER}" . 0a:58:0a:57:01:02`, owner: OWNER },
  { set: 'arp4', key: `"${OWNER}" . 10.87.1.2`, owner: OWNER },
  { set: 'nd6', key: `"${OWNER}" . fe80::858:aff:fe57:102`, owner: OWNER },
  { set: 'targets6', key: `"${OWNER}" . 0xfd000087000000000000000000000002`, owner: OWNER },
];

/** The text of nft. */
const planAdditions = (elements: readonly Element[]) =>
  formatTransaction({ lines: [], remove: [], add: elements });
const planRemovals = (elements: readonly Element[]) =>
  formatTransaction({ lines: [], remove: elements, add: [] });

let host: Host;
let netnsFd: number;

beforeEach(async () => {
  host = await createHost();
  netnsFd = openSync(`/proc/${host.pid}/ns/net`, 'r');
  await nft(planTables(groupsOf(EVERY)).lines);
});
afterEach(async () => {
  closeSync(netnsFd);
  await host.dispose();
});

const nft = (lines: readonly string[]) => host.run(['nft', '-f', '-'], { input: lines.join('\n') });
const listed = () => host.run(['nft', 'list', 'ruleset']);
const count = async (set: string) => {
  const listing = await host.run(['nft', '-j', 'list', 'map', ...TABLE.split(' '), set]);
  const { nftables } = JSON.parse(listing) as { nftables: { map?: { elem?: object[] } }[] };
  return nftables.flatMap(({ map }) => map?.elem ?? []).length;
};

const add = async (elements: readonly Element[]) => {
  using netlink = openNetlink(PROTOCOL.netfilter, UNBOUNDED, netnsFd);
  changeSets(netlink, { add: encodeChanges(elements, 'add') });
};
const remove = async (elements: readonly Element[]) => {
  using netlink = openNetlink(PROTOCOL.netfilter, UNBOUNDED, netnsFd);
  await changeSetsInBackground(netlink, { remove: encodeChanges(elements, 'delete') });
};

const port = (hostPort: number, value = `10.87.1.2 . ${hostPort}`): Element => {
  return { set: 'ports4', key: `tcp . ${hostPort}`, value, owner: OWNER };
};

describe('changeSets() that adds', () => {
  it('makes of every set what nft makes of it', async () => {
    const empty = await listed();
    await nft(planAdditions(EVERY));
    const byNft = await listed();
    await nft(planRemovals(EVERY));
    expect(await listed()).toBe(empty);
    await add(EVERY);
    expect(await listed()).toBe(byNft);
    expect(byNft).not.toBe(empty);
  });

  it('makes elements that nft lists as JSON', async () => {
    await add(EVERY);
    const ruleset = parseRuleset(JSON.parse(await host.run(['nft', '-j', 'list', 'ruleset'])));
    const index = ['served', 'reached4', 'reached6', 'publishers', 'local4', 'local6', 'broadcast4'];
    const expected = EVERY.filter(({ set }) => !index.includes(set));
    expect(listedElements(ruleset)).toHaveLength(expected.length);
    expect(listedElements(ruleset)).toEqual(expect.arrayContaining([...expected]));
  });

  it('makes elements that nft can remove', async () => {
    const empty = await listed();
    await add(EVERY);
    await nft(planRemovals(EVERY));
    expect(await listed()).toBe(empty);
  });

  it('takes an element that is there with the same value for added', async () => {
    await nft(planAdditions(EVERY));
    const before = await listed();
    await add(EVERY);
    expect(await listed()).toBe(before);
  });

  it('is refused with EEXIST for one that is there with another value, and adds none of the others', async () => {
    await add([port(8080, '10.87.1.3 . 80')]);
    const before = await listed();
    const others = Array.from({ length: 600 }, (_, at) => port(9000 + at));
    await expect(add([...others, port(8080), { set: 'isolated', key: '"br0"' }])).rejects.toMatchObject({
      code: 'EEXIST',
      line: expect.stringMatching(/^add element inet flatnet ports4 \{ tcp . 9000, .*601 in all \}$/),
    });
    expect(await listed()).toBe(before);
  });

  it('is refused with ENOENT where there is no table', async () => {
    await nft([`delete table ${TABLE}`]);
    await expect(add([port(8080)])).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([1000, 5000, 65_535])('adds and removes %i elements in one transaction', async (ports) => {
    const many = Array.from({ length: ports }, (_, at) => port(at + 1));
    await add(many);
    expect(await count('ports4')).toBe(ports);
    await remove(many);
    expect(await count('ports4')).toBe(0);
  });

  it('takes more than one transaction for the root of a user namespace, whose socket takes less', async () => {
    const source = join(import.meta.dirname, '../../../src');
    const script = `
      import { encodeChanges } from '${source}/firewall/element-bytes.ts';
      import { planTables } from '${source}/firewall/table-plan.ts';
      import { UNBOUNDED } from '${source}/sys/context.ts';
      import { openNetlink } from '${source}/sys/netlink/netlink.ts';
      import { changeSets, changeSetsInBackground } from '${source}/sys/netlink/nfnetlink.ts';
      import { nft } from '${source}/sys/process/nft.ts';
      const many = Array.from({ length: 10_000 }, (_, at) => (
        { set: 'ports4', key: \`tcp . \${at + 1}\`, value: '10.87.1.2 . 80', owner: 'fn0' }));
      const count = async () =>
        console.log((await nft(['list map inet flatnet ports4'], UNBOUNDED)).stdout.split('comment').length - 1);
      await nft(planTables(new Set(['ports'])).lines, UNBOUNDED);
      const netlink = openNetlink(12, UNBOUNDED);
      changeSets(netlink, { add: encodeChanges(many, 'add') });
      await count();
      await changeSetsInBackground(netlink, { remove: encodeChanges(many, 'delete') });
      await count();`;
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval'];
    expect(await host.run(['unshare', '-U', '-r', '-n', ...node, script])).toBe('10000\n0\n');
  });

  it('hears the refusal of 20,000 elements, all of which are in the way', async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => port(at + 1));
    await add(many);
    const others = many.map(({ key }): Element => ({ set: 'ports4', key, value: '10.87.1.9 . 1' }));
    await expect(add(others)).rejects.toMatchObject({ code: 'EEXIST' });
    await remove(many);
    await expect(remove(many)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('does not wait for transactions that others make at the same time, nor lose its own', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, one) =>
        add(Array.from({ length: 50 }, (__, at) => port(one * 100 + at + 1))),
      ),
    );
    expect(await count('ports4')).toBe(400);
  });
});

describe('changeSets() that replaces', () => {
  const change = (changes: Changes) => {
    using netlink = openNetlink(PROTOCOL.netfilter, UNBOUNDED, netnsFd);
    changeSets(netlink, changes);
  };
  const generation = () => {
    using netlink = openNetlink(PROTOCOL.netfilter, UNBOUNDED, netnsFd);
    return readGeneration(netlink);
  };

  it('gives an element another value and another owner in one transaction', async () => {
    await add([port(8080)]);
    const other: Element = { ...port(8080, '10.87.1.3 . 80'), owner: 'fn111111111111b' };
    change({ remove: encodeChanges([port(8080)], 'delete'), add: encodeChanges([other], 'add') });
    expect(await listed()).toContain('tcp . 8080 comment "fn111111111111b" : 10.87.1.3 . 80');
    expect(await count('ports4')).toBe(1);
  });

  it('is refused with ERESTART when the ruleset is not the one that it was planned for', async () => {
    const planned = generation();
    await add([port(8080)]);
    const before = await listed();
    const changes = { add: encodeChanges([port(8081)], 'add') };
    expect(() => {
      change({ ...changes, generation: planned });
    }).toThrow(expect.objectContaining({ code: 'ERESTART' }));
    expect(await listed()).toBe(before);
    change({ ...changes, generation: generation() });
    expect(await count('ports4')).toBe(2);
  });
});

describe('readSet()', () => {
  it('tells of every set what was added to it', async () => {
    await nft(planAdditions(EVERY));
    using netlink = openNetlink(PROTOCOL.netfilter, UNBOUNDED, netnsFd);
    const seen = EVERY.flatMap(({ set }) =>
      (readSet(netlink, tableOf(set), set) ?? []).map((element) => decodeElement(set, element)),
    );
    expect(seen).toEqual(EVERY);
  });

  it('tells thousands of elements', async () => {
    const many = Array.from({ length: 5000 }, (_, at) => port(at + 1));
    await add(many);
    using netlink = openNetlink(PROTOCOL.netfilter, UNBOUNDED, netnsFd);
    const seen = (readSet(netlink, TABLE, 'ports4') ?? []).map((element) => decodeElement('ports4', element));
    expect(seen.toSorted((one, other) => Number(one.key.slice(6)) - Number(other.key.slice(6)))).toEqual(
      many,
    );
  });

  it('tells a set without elements from one that is not there', async () => {
    using netlink = openNetlink(PROTOCOL.netfilter, UNBOUNDED, netnsFd);
    expect(readSet(netlink, TABLE, 'ports4')).toEqual([]);
    expect(readSet(netlink, TABLE, 'absent')).toBeUndefined();
    await nft([`delete table ${TABLE}`]);
    expect(readSet(netlink, TABLE, 'ports4')).toBeUndefined();
  });
});

describe('changeSetsAside() that removes', () => {
  it('removes from every set what nft made', async () => {
    const empty = await listed();
    await nft(planAdditions(EVERY));
    await remove(EVERY);
    expect(await listed()).toBe(empty);
  });

  it('is refused with ENOENT for one that is not there, and removes none of the others', async () => {
    await add([port(8080), port(8081)]);
    const before = await listed();
    await expect(remove([port(8080), port(8082), port(8081)])).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await listed()).toBe(before);
  });
});

describe('hasElement()', () => {
  it('tells by its key whether a set has an element, and that none is in a set that is not there', async () => {
    using netlink = openNetlink(PROTOCOL.netfilter, UNBOUNDED, netnsFd);
    const has = (element: Element) =>
      hasElement(netlink, tableOf(element.set), { set: element.set, ...encodeElement(element) });
    const single = EVERY.filter(({ set }) => !set.startsWith('hairpin'));
    expect(single.filter(has)).toEqual([]);
    await add(single);
    expect(single.filter(has)).toEqual(single);
    expect(has({ set: 'served', key: 'udp . 8080' })).toBe(false);
    await nft([`delete table ${TABLE}`]);
    expect(has({ set: 'served', key: 'tcp . 8080' })).toBe(false);
  });
});

describe('readRules()', () => {
  const rulesOf = (name: string) => {
    using netlink = openNetlink(PROTOCOL.netfilter, UNBOUNDED, netnsFd);
    return readRules(netlink, TABLE).filter(({ chain }) => chain === name);
  };
  const comments = (chain: string) => rulesOf(chain).flatMap(({ comment }) => comment ?? []);

  it('tells the comments of a chain, and which subnets they are about', async () => {
    const subnets = ['10.87.1.0/24', 'fd00:87::/64'];
    await nft(planMasquerade({ network: 'web', nat: natOf(subnets) }).lines);
    await nft([`add rule ${TABLE} masquerade-web accept`]);
    expect(comments('masquerade-web')).toEqual(subnets.map((subnet) => `network=web subnet=${subnet}`));
    expect(listedNat(rulesOf('masquerade-web'), 'web')).toEqual(natOf(subnets));
  });

  it('tells the handles by which nft removes the rules', async () => {
    await nft(planMasquerade({ network: 'web', nat: natOf(['10.87.1.0/24', 'fd00:87::/64']) }).lines);
    const [first] = rulesOf('masquerade-web');
    await nft([`delete rule ${TABLE} masquerade-web handle ${first?.handle ?? 0}`]);
    expect(comments('masquerade-web')).toEqual(['network=web subnet=fd00:87::/64']);
  });

  it('tells nothing of a chain without rules, nor of those of other chains', async () => {
    await nft([
      ...planMasquerade({ network: 'web', nat: natOf(['10.87.1.0/24']) }).lines,
      `add chain ${TABLE} empty`,
    ]);
    expect(comments('empty')).toEqual([]);
  });

  it('tells nothing where there is no such chain, or no table', async () => {
    expect(comments('masquerade-absent')).toEqual([]);
    await nft([`delete table ${TABLE}`]);
    expect(comments('masquerade-web')).toEqual([]);
  });
});
