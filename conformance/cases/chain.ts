import type { Bench } from '../bench.ts';
import { ensure, type Case, type Family } from '../case.ts';
import { ensureEqual, ensureSuccess } from '../expect.ts';
import { linksOf } from '../inspect.ts';
import { speaks } from '../needs.ts';
import type { AddResult } from '../result.ts';
import { shapeErrors } from '../shape.ts';

/** What an earlier plugin of a chain could have made: an interface with an address, a route, a name server. */
async function earlierResult(bench: Bench, netns: string, place: Place): Promise<AddResult> {
  await place.run(['ip', 'link', 'add', 'earlier0', 'address', '02:00:00:00:00:07', 'type', 'bridge']);
  await place.run(['ip', 'address', 'add', '198.51.100.7/24', 'dev', 'earlier0']);
  await place.run(['ip', 'link', 'set', 'dev', 'earlier0', 'up']);
  return {
    cniVersion: bench.version,
    interfaces: [{ name: 'earlier0', mac: '02:00:00:00:00:07', sandbox: netns }],
    ips: [
      {
        address: '198.51.100.7/24',
        interface: 0,
        ...(bench.version === '1.0.0' || bench.version === '1.1.0' ? {} : { version: '4' }),
      },
    ],
    routes: [{ dst: '203.0.113.0/24', gw: '198.51.100.1' }],
    dns: { nameservers: ['198.51.100.53'] },
  };
}

type Place = Parameters<typeof linksOf>[0];

async function addAfterAnother(
  bench: Bench,
): Promise<{ earlier: AddResult; result: AddResult; netns: string }> {
  const attachment = await bench.attachment();
  const earlier = await earlierResult(bench, attachment.netns, attachment.sandbox);
  const { result } = await bench.add(attachment, { keys: { prevResult: earlier } });
  return { earlier, result, netns: attachment.netns };
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
      const { result } = await addAfterAnother(bench);
      const index = result.interfaces?.findIndex(({ name }) => name === 'earlier0') ?? -1;
      ensure(
        index >= 0,
        `"earlier0" of prevResult is not in the result: ${JSON.stringify(result.interfaces)}`,
      );
      const ip = result.ips?.find(({ address }) => address === '198.51.100.7/24');
      ensureEqual(ip?.interface, index, '"interface" of the address that prevResult had');
    },
  },
  {
    id: 'PRV-03',
    title: 'the routes and name servers of prevResult stay in the result',
    section: 'result',
    severity: 'MUST',
    needs: [speaks('1.0.0')],
    async run(bench) {
      const { result, earlier } = await addAfterAnother(bench);
      const kept = result.routes?.some(({ dst }) => dst === earlier.routes?.[0]?.dst);
      ensure(kept, `The route of prevResult is not in the result: ${JSON.stringify(result.routes)}`);
      const servers = result.dns?.nameservers ?? [];
      ensure(
        servers.includes('198.51.100.53'),
        `The name server of prevResult is not among ${JSON.stringify(servers)}`,
      );
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
      const earlier = await earlierResult(bench, attachment.netns, attachment.sandbox);
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
];

export const chainFamily: Family = { prefix: 'PRV', title: 'Chains and prevResult', cases: chained };
