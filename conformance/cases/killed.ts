import type { Attachment, Bench } from '../bench.ts';
import type { Verb } from '../call.ts';
import { ensure, type Case, type Family } from '../case.ts';
import { describeReply, ensureSuccess, ensureUnchangedSoon } from '../expect.ts';
import { linksOf } from '../inspect.ts';
import { hasNarrowablePool, makesInterface } from '../needs.ts';
import type { Variation } from '../request.ts';
import { poolOf } from './add.ts';

/** Number of interruptions of a call, spread evenly over its duration. */
const MOMENTS = 8;

/** Duration of one call on this machine, in ms. */
async function measure(bench: Bench, verb: 'ADD' | 'DEL', variation: Variation): Promise<number> {
  const attachment = await bench.attachment();
  const added = await bench.add(attachment, variation);
  const deleted = await bench.del(attachment, variation);
  await attachment.sandbox.remove();
  return verb === 'ADD' ? added.reply.ms : deleted.ms;
}

/** Starts a call and kills it with its children after a while; it may have finished by then. */
async function cut(
  bench: Bench,
  verb: Verb,
  attachment: Attachment,
  { after, signal, variation }: Cut,
): Promise<void> {
  const call = bench.start(verb, attachment, variation);
  const timer = setTimeout(() => {
    call.kill(signal);
  }, after);
  await call.reply;
  clearTimeout(timer);
}

interface Cut {
  readonly after: number;
  readonly signal: NodeJS.Signals;
  readonly variation: Variation;
}

/** Interrupts ADD at every moment; `then` cleans up after each. */
async function cutAdds(
  bench: Bench,
  signal: NodeJS.Signals,
  then: (attachment: Attachment, when: string) => Promise<void>,
  variation: Variation = {},
): Promise<void> {
  const whole = await measure(bench, 'ADD', variation);
  for (let moment = 0; moment < MOMENTS; moment += 1) {
    const attachment = await bench.attachment();
    const after = (whole * (moment + 0.5)) / MOMENTS;
    await cut(bench, 'ADD', attachment, { after, signal, variation });
    await then(attachment, `${signal} ${after.toFixed(0)} ms into an ADD of ${whole.toFixed(0)} ms`);
  }
}

/** Interrupts DEL at every moment; the DEL after it has to succeed. */
async function cutDels(bench: Bench, then?: (when: string) => Promise<void>): Promise<void> {
  const whole = await measure(bench, 'DEL', {});
  for (let moment = 0; moment < MOMENTS; moment += 1) {
    const { attachment } = await bench.add(await bench.attachment());
    const after = (whole * (moment + 0.5)) / MOMENTS;
    await cut(bench, 'DEL', attachment, { after, signal: 'SIGKILL', variation: {} });
    const when = `SIGKILL ${after.toFixed(0)} ms into a DEL of ${whole.toFixed(0)} ms`;
    ensureSuccess(await bench.tryDel(attachment), `DEL after ${when}`);
    await attachment.sandbox.remove();
    await then?.(when);
  }
}

const cases: Case[] = [
  {
    id: 'KIL-01',
    title: 'DEL after an ADD that was killed succeeds and leaves nothing in the sandbox',
    section: 'del',
    severity: 'MUST',
    needs: [makesInterface],
    run: (bench) =>
      cutAdds(bench, 'SIGKILL', async (attachment, when) => {
        ensureSuccess(await bench.tryDel(attachment, { prevResult: null }), `DEL after ${when}`);
        ensure(
          !(await linksOf(attachment.sandbox)).has('eth0'),
          `DEL after ${when} left "eth0" in the sandbox`,
        );
      }),
  },
  {
    id: 'KIL-02',
    title: 'DEL after an ADD that was killed leaves nothing on the host',
    section: 'lifecycle',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.warmUp();
      await cutAdds(bench, 'SIGKILL', async (attachment, when) => {
        await bench.tryDel(attachment, { prevResult: null });
        await attachment.sandbox.remove();
        await ensureUnchangedSoon(before, bench.host, `DEL after ${when} left something on the host`);
      });
    },
  },
  {
    id: 'KIL-03',
    title: 'DEL after an ADD that was killed frees the address',
    section: 'lifecycle',
    severity: 'SHOULD',
    needs: [hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(2);
      await cutAdds(
        bench,
        'SIGKILL',
        async (attachment, when) => {
          ensureSuccess(await bench.tryDel(attachment, { ...pool, prevResult: null }), `DEL after ${when}`);
        },
        pool,
      );
      for (const left of [1, 2]) {
        const reply = await bench.tryAdd(await bench.attachment(), pool);
        ensure(reply.exitCode === 0, `Of 2 addresses ${3 - left} leaked: ${describeReply(reply)}`);
      }
    },
  },
  {
    id: 'KIL-04',
    title: 'ADD of the same container into a new sandbox works after an ADD that was killed and its DEL',
    section: 'lifecycle',
    severity: 'SHOULD',
    run: (bench) =>
      cutAdds(bench, 'SIGKILL', async ({ containerID, ...attachment }, when) => {
        await bench.tryDel({ containerID, ...attachment }, { prevResult: null });
        await attachment.sandbox.remove();
        const next = await bench.attachment({ containerID });
        ensureSuccess(await bench.tryAdd(next), `ADD of the same container after ${when}`);
      }),
  },
  {
    id: 'KIL-05',
    title: 'a killed ADD holds nobody else up',
    section: 'lifecycle',
    severity: 'SHOULD',
    run: (bench) =>
      cutAdds(bench, 'SIGKILL', async (_, when) => {
        const { reply } = await bench.add(await bench.attachment());
        ensure(reply.ms < 10_000, `After ${when} the next ADD took ${reply.ms.toFixed(0)} ms`);
      }),
  },
  {
    id: 'KIL-06',
    title: 'DEL after a DEL that was killed succeeds',
    section: 'del',
    severity: 'MUST',
    run: (bench) => cutDels(bench),
  },
  {
    id: 'KIL-07',
    title: 'DEL after a DEL that was killed leaves nothing on the host',
    section: 'del',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.warmUp();
      await cutDels(bench, async (when) => {
        await ensureUnchangedSoon(before, bench.host, `DEL after ${when} left something on the host`);
      });
    },
  },
  {
    id: 'KIL-08',
    title: 'DEL after an ADD that was asked to stop succeeds and leaves nothing on the host',
    section: 'lifecycle',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.warmUp();
      await cutAdds(bench, 'SIGTERM', async (attachment, when) => {
        ensureSuccess(await bench.tryDel(attachment, { prevResult: null }), `DEL after ${when}`);
        await attachment.sandbox.remove();
        await ensureUnchangedSoon(before, bench.host, `DEL after ${when} left something on the host`);
      });
    },
  },
];

export const killedFamily: Family = { prefix: 'KIL', title: 'Killed on the way', cases };
