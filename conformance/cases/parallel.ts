import type { Attachment, Bench } from '../bench.ts';
import type { Case, Family } from '../case.ts';
import { describeReply, ensureEqual, ensureUnchanged } from '../expect.ts';
import { hasNarrowablePool } from '../needs.ts';
import { addressesOf, type AddResult } from '../result.ts';
import { poolOf } from './add.ts';

const CROWD = 30;

async function crowd(bench: Bench, size: number): Promise<Attachment[]> {
  const attachments: Attachment[] = [];
  while (attachments.length < size) attachments.push(await bench.attachment());
  return attachments;
}

function ensureDistinct(results: readonly AddResult[]): void {
  const addresses = results.flatMap(addressesOf);
  const twice = addresses.filter((address, index) => addresses.indexOf(address) !== index);
  ensureEqual(twice, [], 'The addresses given out more than once');
}

const cases: Case[] = [
  {
    id: 'PAR-01',
    title: `${CROWD} containers at once on a host that has never seen the network: all succeed, no address twice`,
    section: 'lifecycle',
    severity: 'MUST',
    async run(bench) {
      const added = await Promise.all((await crowd(bench, CROWD)).map((attachment) => bench.add(attachment)));
      ensureDistinct(added.map(({ result }) => result));
    },
  },
  {
    id: 'PAR-02',
    title: `${CROWD} containers leave at once: all succeed, nothing is left`,
    section: 'lifecycle',
    severity: 'MUST',
    async run(bench) {
      const before = await bench.warmUp();
      const attachments = await crowd(bench, CROWD);
      for (const attachment of attachments) await bench.add(attachment);
      await Promise.all(attachments.map((attachment) => bench.del(attachment)));
      ensureUnchanged(before, await bench.host.snapshot(), 'The containers left something on the host');
    },
  },
  {
    id: 'PAR-03',
    title: 'containers that come and go at once do not disturb each other',
    section: 'lifecycle',
    severity: 'MUST',
    async run(bench) {
      const before = await bench.warmUp();
      const comeAndGo = async (attachment: Attachment): Promise<void> => {
        for (let round = 0; round < 3; round += 1) {
          await bench.add(attachment);
          await bench.del(attachment);
        }
      };
      await Promise.all((await crowd(bench, 8)).map(comeAndGo));
      ensureUnchanged(before, await bench.host.snapshot(), 'The containers left something on the host');
    },
  },
  {
    id: 'PAR-04',
    title: 'as many containers get an address as there are, when more ask at once',
    section: 'lifecycle',
    severity: 'MUST',
    needs: [hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(3);
      const replies = await Promise.all(
        (await crowd(bench, 8)).map((attachment) => bench.tryAdd(attachment, pool)),
      );
      const served = replies.filter(({ exitCode }) => exitCode === 0);
      ensureDistinct(served.map(({ document }) => document as AddResult));
      const refused = replies.find(({ exitCode }) => exitCode !== 0);
      ensureEqual(
        served.length,
        3,
        `The number of containers that got one of 3 addresses${
          refused === undefined ? '' : ` (${describeReply(refused)})`
        }`,
      );
    },
  },
];

export const parallelFamily: Family = { prefix: 'PAR', title: 'Many at once', cases };
