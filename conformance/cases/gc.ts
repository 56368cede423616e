import type { Added, Bench } from '../bench.ts';
import { ensure, type Case, type Family } from '../case.ts';
import { ensureError, ensureSuccess, ensureUnchanged, ensureUnchangedSoon } from '../expect.ts';
import { linksOf } from '../inspect.ts';
import { hasNarrowablePool, speaks, type Need } from '../needs.ts';
import type { Variation } from '../request.ts';
import { poolOf } from './add.ts';

const needs: readonly Need[] = [speaks('1.1.0')];

/** Two containers in a network without a third address. */
async function fill(bench: Bench, pool: Variation): Promise<[Added, Added]> {
  return [await bench.add(await bench.attachment(), pool), await bench.add(await bench.attachment(), pool)];
}

async function ensureWhole(bench: Bench, { attachment }: Added, pool: Variation = {}): Promise<void> {
  const { ifname, sandbox } = attachment;
  ensure(
    (await linksOf(sandbox)).has(ifname),
    `GC took "${ifname}" of ${attachment.containerID}, which is valid`,
  );
  await bench.check(attachment, pool);
}

const valid: Case[] = [
  {
    id: 'GC-01',
    title: 'GC leaves attachments on the list as they are',
    section: 'gc',
    severity: 'MUST',
    needs,
    async run(bench) {
      const first = await bench.add(await bench.attachment());
      const second = await bench.add(await bench.attachment());
      const host = await bench.host.snapshot();
      await bench.gc([first.attachment, second.attachment]);
      ensureUnchanged(host, await bench.host.snapshot(), 'GC changed the host');
      await ensureWhole(bench, first);
      await ensureWhole(bench, second);
    },
  },
  {
    id: 'GC-02',
    title: 'GC does not free the address of an attachment on the list',
    section: 'gc',
    severity: 'MUST',
    needs: [...needs, hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(2);
      const [first, second] = await fill(bench, pool);
      await bench.gc([first.attachment, second.attachment], pool);
      const late = await bench.tryAdd(await bench.attachment(), pool);
      ensureError(late, { when: 'ADD after GC with every address still in valid use' });
    },
  },
  {
    id: 'GC-03',
    title: 'GC takes attachments on the list that were never made for what they are: nothing',
    section: 'gc',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      await bench.gc([attachment, { ...attachment, containerID: 'never-added' }]);
      await bench.check(attachment);
    },
  },
  {
    id: 'GC-04',
    title: 'GC without a list frees nothing that lives',
    section: 'practice',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const added = await bench.add(await bench.attachment());
      await bench.tryGc(undefined);
      await ensureWhole(bench, added);
    },
  },
  {
    id: 'GC-05',
    title: 'GC of one network leaves another alone',
    section: 'gc',
    severity: 'MUST',
    needs,
    async run(bench) {
      const added = await bench.add(await bench.attachment());
      const host = await bench.host.snapshot();
      await bench.gc([], { keys: { name: `${bench.subject.name}-other` } });
      ensureUnchanged(host, await bench.host.snapshot(), 'GC of another network changed the host');
      await ensureWhole(bench, added);
    },
  },
  {
    id: 'GC-06',
    title: 'GC of one network frees no address of another',
    section: 'gc',
    severity: 'MUST',
    needs: [...needs, hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(1);
      await bench.add(await bench.attachment(), pool);
      await bench.gc([], { ...pool, keys: { name: `${bench.subject.name}-other` } });
      const late = await bench.tryAdd(await bench.attachment(), pool);
      ensureError(late, { when: 'ADD after GC of another network with the only address in use' });
    },
  },
];

const stale: Case[] = [
  {
    id: 'GC-11',
    title: 'GC frees the address of an attachment that is not on the list, and of no other',
    section: 'gc',
    severity: 'SHOULD',
    needs: [...needs, hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(2);
      const [stays, goes] = await fill(bench, pool);
      await goes.attachment.sandbox.remove();
      await bench.gc([stays.attachment], pool);
      await bench.add(await bench.attachment(), pool);
      const late = await bench.tryAdd(await bench.attachment(), pool);
      ensureError(late, { when: 'ADD with both addresses in use again' });
      await ensureWhole(bench, stays, pool);
    },
  },
  {
    id: 'GC-12',
    title: 'GC with an empty list frees every address',
    section: 'gc',
    severity: 'SHOULD',
    needs: [...needs, hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(2);
      for (const { attachment } of await fill(bench, pool)) await attachment.sandbox.remove();
      await bench.gc([], pool);
      await fill(bench, pool);
    },
  },
  {
    id: 'GC-13',
    title: 'GC removes what a stale attachment left on the host',
    section: 'gc',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const before = await bench.warmUp();
      const { attachment } = await bench.add(await bench.attachment());
      await attachment.sandbox.remove();
      await bench.gc([]);
      await ensureUnchangedSoon(before, bench.host, 'GC left something on the host');
    },
  },
  {
    id: 'GC-14',
    title: 'GC tells the interfaces of one container apart',
    section: 'gc',
    severity: 'SHOULD',
    needs: [...needs, hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(2);
      const stays = await bench.add(await bench.attachment(), pool);
      const goes = await bench.add({ ...stays.attachment, ifname: 'eth1' }, pool);
      await bench.gc([stays.attachment], pool);
      await goes.attachment.sandbox.exec(['ip', 'link', 'delete', 'eth1']);
      await bench.add(await bench.attachment(), pool);
      await ensureWhole(bench, stays, pool);
    },
  },
  {
    id: 'GC-15',
    title: 'DEL of what GC removed succeeds',
    section: 'del',
    severity: 'MUST',
    needs,
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      await bench.gc([]);
      await bench.del(attachment);
    },
  },
  {
    id: 'GC-16',
    title: 'GC for the second time, and of a network that was never used, succeeds',
    section: 'gc',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      await bench.gc([]);
      const { attachment } = await bench.add(await bench.attachment());
      await attachment.sandbox.remove();
      await bench.gc([]);
      await bench.gc([]);
    },
  },
];

const malformed: Case[] = [
  {
    id: 'GC-21',
    title: 'a list of valid attachments that is none is refused, and frees nothing',
    section: 'error',
    severity: 'MUST',
    needs,
    async run(bench) {
      const added = await bench.add(await bench.attachment());
      for (const list of ['all', { containerID: 'x' }, [42]]) {
        const reply = await bench.tryGc(undefined, {
          keys: { 'cni.dev/valid-attachments': list, 'cni.dev/attachments': list },
        });
        const when = `GC with the list ${JSON.stringify(list)}`;
        ensureError(reply, { codes: [6, 7], when });
        ensure((await linksOf(added.attachment.sandbox)).has('eth0'), `${when} took an attachment`);
      }
    },
  },
  {
    id: 'GC-22',
    title: 'GC reads the list under either name it was released with',
    section: 'practice',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const added = await bench.add(await bench.attachment());
      const { containerID, ifname } = added.attachment;
      for (const key of ['cni.dev/valid-attachments', 'cni.dev/attachments']) {
        ensureSuccess(
          await bench.tryGc(undefined, { keys: { [key]: [{ containerID, ifname }] } }),
          `GC with ${key}`,
        );
        await ensureWhole(bench, added);
      }
    },
  },
];

export const gcFamily: Family = { prefix: 'GC', title: 'GC', cases: [...valid, ...stale, ...malformed] };
