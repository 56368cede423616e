import { isDeepStrictEqual } from 'node:util';
import type { Attachment, Bench } from '../bench.ts';
import { ensure, skipUnless, type Case, type Family } from '../case.ts';
import { ensureEqual, ensureSuccess } from '../expect.ts';
import { linksOf } from '../inspect.ts';
import { speaks, speaksOlderThan } from '../needs.ts';
import type { AddResult } from '../result.ts';
import { shapeErrors } from '../shape.ts';
import { isAtLeast } from '../versions.ts';

/** The result of an imaginary earlier plugin, with its interface, address, route and name server. */
async function earlierResult({ netns, sandbox: place }: Attachment, version: string): Promise<AddResult> {
  await place.run(['ip', 'link', 'add', 'earlier0', 'address', '02:00:00:00:00:07', 'type', 'bridge']);
  await place.run(['ip', 'address', 'add', '198.51.100.7/24', 'dev', 'earlier0']);
  await place.run(['ip', 'link', 'set', 'dev', 'earlier0', 'up']);
  return {
    cniVersion: version,
    interfaces: [{ name: 'earlier0', mac: '02:00:00:00:00:07', sandbox: netns }],
    ips: [
      {
        address: '198.51.100.7/24',
        gateway: '198.51.100.1',
        interface: 0,
        ...(isAtLeast(version, '1.0.0') ? {} : { version: '4' }),
      },
    ],
    routes: [{ dst: '203.0.113.0/24', gw: '198.51.100.1' }],
    dns: { nameservers: ['198.51.100.53'] },
  };
}

interface Continued {
  readonly earlier: AddResult;
  readonly result: AddResult;
  readonly version: string;
}

async function addAfterAnother(bench: Bench, version = bench.version): Promise<Continued> {
  const attachment = await bench.attachment();
  const earlier = await earlierResult(attachment, version);
  const { result } = await bench.add(attachment, { version, keys: { prevResult: earlier } });
  return { earlier, result, version };
}

/** addAfterAnother() in each usable version that `isMeant` accepts. */
async function addAfterAnotherIn(
  bench: Bench,
  isMeant: (version: string) => boolean,
): Promise<readonly Continued[]> {
  const all: Continued[] = [];
  for (const version of bench.subject.usable.filter(isMeant)) all.push(await addAfterAnother(bench, version));
  return all;
}

/** Index of an entry with all fields of the wanted one; a plugin may add more. */
function indexOfSame(list: readonly object[] | undefined, wanted: object): number {
  return (list ?? []).findIndex((entry) => isDeepStrictEqual({ ...entry, ...wanted }, { ...entry }));
}

function ensureInterfaceKept({ earlier, result, version }: Continued): void {
  const index = indexOfSame(result.interfaces, earlier.interfaces![0]!);
  ensure(
    index >= 0,
    `In ${version} "earlier0" of prevResult is not in the result as it was: ${JSON.stringify(result.interfaces)}`,
  );
  const ip = { ...earlier.ips![0]!, interface: index };
  ensure(
    indexOfSame(result.ips, ip) >= 0,
    `In ${version} the result has no ${JSON.stringify(ip)}: ${JSON.stringify(result.ips)}`,
  );
}

function ensureRoutesKept({ earlier, result, version }: Continued): void {
  ensure(
    indexOfSame(result.routes, earlier.routes![0]!) >= 0,
    `In ${version} the route of prevResult is not in the result as it was: ${JSON.stringify(result.routes)}`,
  );
  const servers = result.dns?.nameservers ?? [];
  ensure(
    servers.includes('198.51.100.53'),
    `In ${version} the name server of prevResult is not among ${JSON.stringify(servers)}`,
  );
}

const chained: Case[] = [
  {
    id: 'PRV-01',
    title: 'ADD with a prevResult succeeds, and its result is one of the same version',
    section: 'add',
    severity: 'MUST',
    needs: [speaks('0.3.0')],
    async run(bench) {
      const { result } = await addAfterAnother(bench);
      ensureEqual(shapeErrors(result, bench.version), [], 'What is wrong with the result');
    },
  },
  {
    id: 'PRV-02',
    title: 'the interfaces of prevResult stay in the result, and the addresses still point at them',
    section: 'result',
    severity: 'MUST',
    needs: [speaks('1.0.0')],
    async run(bench) {
      const all = await addAfterAnotherIn(bench, (version) => isAtLeast(version, '1.0.0'));
      all.forEach(ensureInterfaceKept);
    },
  },
  {
    id: 'PRV-03',
    title: 'the routes and name servers of prevResult stay in the result',
    section: 'result',
    severity: 'MUST',
    needs: [speaks('1.0.0')],
    async run(bench) {
      const all = await addAfterAnotherIn(bench, (version) => isAtLeast(version, '1.0.0'));
      all.forEach(ensureRoutesKept);
    },
  },
  {
    id: 'PRV-04',
    title: 'DEL after a chained ADD takes its own interface and leaves that of the earlier plugin',
    section: 'del',
    severity: 'SHOULD',
    needs: [speaks('0.3.0')],
    async run(bench) {
      const attachment = await bench.attachment();
      const earlier = await earlierResult(attachment, bench.version);
      await bench.add(attachment, { keys: { prevResult: earlier } });
      await bench.del(attachment);
      const links = await linksOf(attachment.sandbox);
      ensureEqual(
        [links.has('eth0'), links.has('earlier0')],
        [false, true],
        'Whether "eth0" and "earlier0" are there',
      );
    },
  },
  {
    id: 'PRV-05',
    title: 'DEL takes a prevResult, an empty one and none',
    section: 'del',
    severity: 'SHOULD',
    needs: [speaks('0.4.0')],
    async run(bench) {
      const attachment = await bench.attachment();
      for (const prevResult of [undefined, {}, null]) {
        await bench.add(attachment);
        const when = prevResult === undefined ? 'the kept result' : JSON.stringify(prevResult);
        ensureSuccess(await bench.tryDel(attachment, { prevResult }), `DEL with ${when} as prevResult`);
        ensure(
          !(await linksOf(attachment.sandbox)).has('eth0'),
          `DEL with ${when} as prevResult left "eth0"`,
        );
      }
    },
  },
  {
    id: 'PRV-06',
    title: 'DEL with the prevResult of a longer chain succeeds',
    section: 'del',
    severity: 'SHOULD',
    needs: [speaks('0.4.0')],
    async run(bench) {
      const { attachment, final } = await bench.add(await bench.attachment());
      const prevResult = {
        ...final,
        interfaces: [...(final.interfaces ?? []), { name: 'later0', mac: '02:00:00:00:00:08' }],
        'x-later': { key: 'value' },
      };
      await bench.del(attachment, { prevResult });
      ensure(!(await linksOf(attachment.sandbox)).has('eth0'), 'DEL left "eth0"');
    },
  },
  {
    id: 'PRV-07',
    // Before 1.0.0 a plugin was free to suppress a part of prevResult, but not to be unaware of it.
    title: 'prevResult stays in the result in the versions before 1.0.0 as well',
    section: 'lists040',
    severity: 'SHOULD',
    needs: [speaks('0.3.0'), speaksOlderThan('1.0.0')],
    async run(bench) {
      const all = await addAfterAnotherIn(
        bench,
        (version) => isAtLeast(version, '0.3.0') && !isAtLeast(version, '1.0.0'),
      );
      skipUnless(all.length > 0, 'the usable versions before 1.0.0 have no prevResult');
      all.forEach(ensureInterfaceKept);
      all.forEach(ensureRoutesKept);
    },
  },
];

export const chainFamily: Family = { prefix: 'PRV', title: 'Chains and prevResult', cases: chained };
