import type { Bench } from '../bench.ts';
import { skipUnless, type Case, type Family } from '../case.ts';
import { ensureError, ensureSuccess, ensureUnchanged } from '../expect.ts';
import { hasNarrowablePool, speaks, type Need } from '../needs.ts';
import { poolOf } from './add.ts';

const needs: readonly Need[] = [speaks('1.1.0')];

/** Leaves no block free where plugins keep their state; files can still be created. */
async function fillState({ host, subject }: Bench): Promise<void> {
  const roots = ['/var/lib', ...subject.privacy.state];
  for (const root of roots) {
    const found = await host.exec(['df', '--output=target', root]);
    if (found.exitCode !== 0) continue;
    const mount = found.stdout.trim().split('\n').at(-1) ?? root;
    await host.run(['mount', '-o', 'remount,size=4m', mount]);
    await host.exec(['dd', 'if=/dev/zero', `of=${mount}/conformance-full`, 'bs=4096']);
  }
}

const cases: Case[] = [
  {
    id: 'STA-01',
    title: 'STATUS of a plugin that could serve ADD succeeds',
    section: 'status',
    severity: 'MUST',
    needs,
    async run(bench) {
      ensureSuccess(await bench.tryStatus(), 'STATUS before the first ADD');
      const { attachment } = await bench.add(await bench.attachment());
      ensureSuccess(await bench.tryStatus(), 'STATUS after ADD');
      await bench.del(attachment);
      ensureSuccess(await bench.tryStatus(), 'STATUS after DEL');
    },
  },
  {
    id: 'STA-02',
    title: 'STATUS makes nothing',
    section: 'status',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const before = await bench.host.snapshot();
      await bench.tryStatus();
      ensureUnchanged(before, await bench.host.snapshot(), 'STATUS changed the host');
    },
  },
  {
    id: 'STA-03',
    title: 'STATUS is refused with code 50 when every address is in use',
    section: 'status',
    severity: 'SHOULD',
    needs: [...needs, hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(1);
      ensureSuccess(await bench.tryStatus(pool), 'STATUS with an address to give');
      const { attachment } = await bench.add(await bench.attachment(), pool);
      ensureError(await bench.tryStatus(pool), { codes: [50], when: 'STATUS with every address in use' });
      await bench.del(attachment, pool);
      ensureSuccess(await bench.tryStatus(pool), 'STATUS with the address free again');
    },
  },
  {
    id: 'STA-04',
    title: 'DEL works while STATUS is an error',
    section: 'status',
    severity: 'SHOULD',
    needs: [...needs, hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(1);
      const { attachment } = await bench.add(await bench.attachment(), pool);
      await bench.tryStatus(pool);
      await bench.check(attachment, pool);
      await bench.del(attachment, pool);
    },
  },
  {
    id: 'STA-05',
    title: 'STATUS of a configuration that ADD would refuse is refused',
    section: 'status',
    severity: 'MUST',
    needs,
    async run(bench) {
      ensureError(await bench.tryStatus({ keys: { ipam: 'none at all' } }), {
        when: 'STATUS with "ipam": "none at all"',
      });
      ensureError(await bench.tryStatus({ keys: { name: undefined } }), {
        codes: [7],
        when: 'STATUS without "name"',
      });
    },
  },
  {
    id: 'STA-07',
    title: 'STATUS is refused when the plugin has nowhere to write what its ADD has to keep',
    section: 'status',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      await bench.del(attachment);
      await fillState(bench);
      const status = await bench.tryStatus();
      const add = await bench.tryAdd(await bench.attachment());
      skipUnless(add.exitCode !== 0, 'ADD needs no space');
      ensureError(status, { when: 'STATUS before an ADD that failed with no space left' });
    },
  },
  {
    id: 'STA-06',
    title: 'ADD works without any STATUS before it, and after one that failed',
    section: 'status',
    severity: 'MUST',
    needs,
    async run(bench) {
      const first = await bench.add(await bench.attachment());
      await bench.tryStatus({ keys: { name: undefined } });
      await bench.add(await bench.attachment());
      await bench.check(first.attachment);
    },
  },
];

export const statusFamily: Family = { prefix: 'STA', title: 'STATUS', cases };
