import type { Case, Family } from '../case.ts';
import { ensureError, ensureSuccess, ensureUnchanged } from '../expect.ts';
import { hasNarrowablePool, speaks, type Need } from '../needs.ts';
import { poolOf } from './add.ts';

const needs: readonly Need[] = [speaks('1.1.0')];

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
