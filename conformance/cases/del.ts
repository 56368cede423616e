import { rm, writeFile } from 'node:fs/promises';
import type { Added, Bench } from '../bench.ts';
import { ensure, skipUnless, type Case, type Family } from '../case.ts';
import { ensureEqual, ensureSuccess, ensureUnchanged, ensureUnchangedSoon } from '../expect.ts';
import { linksOf } from '../inspect.ts';
import { hasNarrowablePool, makesInterface, speaks } from '../needs.ts';
import type { Variation } from '../request.ts';
import { addressesOf, hostInterfaces } from '../result.ts';
import { stateFiles } from '../state.ts';
import { listen, reach } from '../traffic.ts';
import { poolOf } from './add.ts';

async function ensureGone({ attachment }: Added, when: string): Promise<void> {
  const { ifname, sandbox } = attachment;
  ensure(!(await linksOf(sandbox)).has(ifname), `${when} left "${ifname}" in the sandbox`);
}

/** ADD, damage, DEL: DEL has to succeed and to leave the host as it was before ADD. */
async function deleteAfter(
  bench: Bench,
  damage: (added: Added) => Promise<unknown>,
  variation: Variation = {},
): Promise<Added> {
  const before = await bench.warmUp();
  const added = await bench.add(await bench.attachment());
  await damage(added);
  await bench.del(added.attachment, variation);
  const what = 'DEL left something on the host';
  if (damage === removeSandbox) await ensureUnchangedSoon(before, bench.host, what);
  else ensureUnchanged(before, await bench.host.snapshot(), what);
  return added;
}

const nothing = (): Promise<void> => Promise.resolve();

const undoing: Case[] = [
  {
    id: 'DEL-01',
    title: 'DEL removes CNI_IFNAME from the sandbox',
    section: 'del',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const added = await bench.add(await bench.attachment());
      await bench.del(added.attachment);
      await ensureGone(added, 'DEL');
    },
  },
  {
    id: 'DEL-02',
    title: 'DEL leaves nothing of the attachment on the host',
    section: 'del',
    severity: 'SHOULD',
    async run(bench) {
      await deleteAfter(bench, nothing);
    },
  },
  {
    id: 'DEL-03',
    title: 'DEL leaves nothing in the sandbox',
    section: 'del',
    severity: 'SHOULD',
    async run(bench) {
      const attachment = await bench.attachment();
      const before = await attachment.sandbox.snapshot();
      await bench.add(attachment);
      await bench.del(attachment);
      ensureUnchanged(before, await attachment.sandbox.snapshot(), 'DEL left something in the sandbox');
    },
  },
  {
    id: 'DEL-04',
    title: 'DEL frees the address: more containers come and go than there are addresses',
    section: 'parameters040',
    severity: 'SHOULD',
    needs: [hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(2);
      for (let round = 0; round < 5; round += 1) {
        const { attachment } = await bench.add(await bench.attachment(), pool);
        await bench.del(attachment, pool);
      }
    },
  },
  {
    id: 'DEL-05',
    title: "DEL leaves another container's attachment alone",
    section: 'lifecycle',
    severity: 'MUST',
    async run(bench) {
      const stays = await bench.add(await bench.attachment());
      const goes = await bench.add(await bench.attachment());
      const sandbox = await stays.attachment.sandbox.snapshot();
      await bench.del(goes.attachment);
      ensureUnchanged(
        sandbox,
        await stays.attachment.sandbox.snapshot(),
        "DEL changed another container's sandbox",
      );
      const links = await linksOf(bench.host);
      const lost = hostInterfaces(stays.result).filter(({ name }) => !links.has(name));
      ensureEqual(lost, [], 'What another container lost on the host');
    },
  },
  {
    id: 'DEL-06',
    title: "DEL leaves the container's other interfaces in the network alone",
    section: 'attachment',
    severity: 'MUST',
    async run(bench) {
      const stays = await bench.add(await bench.attachment());
      const goes = { ...stays.attachment, ifname: 'eth1' };
      const second = await bench.tryAdd(goes);
      skipUnless(second.exitCode === 0, 'a container cannot be attached twice (ADD-03)');
      await bench.del(goes);
      const links = await linksOf(stays.attachment.sandbox);
      ensureEqual(
        [links.has('eth0'), links.has('eth1')],
        [true, false],
        'Whether "eth0" and "eth1" are there',
      );
    },
  },
  {
    id: 'DEL-07',
    title: 'those who stay keep their connection while others go',
    section: 'lifecycle',
    severity: 'MUST',
    needs: [makesInterface],
    async run(bench) {
      const server = await bench.add(await bench.attachment());
      const client = await bench.add(await bench.attachment());
      const goes = await bench.add(await bench.attachment());
      await listen(server.attachment.sandbox);
      const address = addressesOf(server.result)[0]!;
      const target = { address };
      const before = await reach(client.attachment.sandbox, target);
      skipUnless(before !== undefined, 'containers of this network do not reach each other (ADD-31)');
      await bench.del(goes.attachment);
      ensureEqual(
        await reach(client.attachment.sandbox, target),
        before,
        `What answers from ${address} after DEL of another`,
      );
    },
  },
];

const again: Case[] = [
  {
    id: 'DEL-11',
    title: 'DEL for the second and third time succeeds',
    section: 'del',
    severity: 'MUST',
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      for (const time of ['first', 'second', 'third']) {
        ensureSuccess(await bench.tryDel(attachment), `DEL for the ${time} time`);
      }
    },
  },
  {
    id: 'DEL-12',
    title: 'DEL of what was never added succeeds',
    section: 'del',
    severity: 'MUST',
    async run(bench) {
      await bench.del(await bench.attachment());
    },
  },
  {
    id: 'DEL-13',
    title: 'DEL of what was never added succeeds without a sandbox, and makes nothing',
    section: 'del',
    severity: 'MUST',
    async run(bench) {
      const before = await bench.host.snapshot();
      await bench.del({ ...(await bench.attachment()), netns: '' });
      ensureUnchanged(before, await bench.host.snapshot(), 'DEL changed the host');
    },
  },
  {
    id: 'DEL-14',
    title: 'DEL for the second time does not free an address that another container got meanwhile',
    section: 'lifecycle',
    severity: 'MUST',
    needs: [hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(2);
      const first = await bench.add(await bench.attachment(), pool);
      await bench.del(first.attachment, pool);
      await bench.add(await bench.attachment(), pool);
      const third = await bench.add(await bench.attachment(), pool);
      await bench.del(first.attachment, { ...pool, prevResult: first.final });
      await bench.del(third.attachment, pool);
      await bench.add(await bench.attachment(), pool);
      const late = await bench.tryAdd(await bench.attachment(), pool);
      ensure(
        late.exitCode !== 0,
        'Three containers got one of two addresses: the second DEL freed one in use',
      );
    },
  },
];

/** ADD, damage, DEL: DEL has to succeed; leftovers are allowed. */
async function succeedAfter(
  bench: Bench,
  damage: (added: Added) => Promise<unknown>,
  variation: Variation = {},
): Promise<void> {
  const added = await bench.add(await bench.attachment());
  await damage(added);
  await bench.del(added.attachment, variation);
}

const withoutSandbox = { env: { CNI_NETNS: '' } };
const removeSandbox = ({ attachment }: Added): Promise<void> => attachment.sandbox.remove();
const removeInterface = ({ attachment }: Added): Promise<unknown> =>
  attachment.sandbox.run(['ip', 'link', 'delete', attachment.ifname]);

const succeeding: Case[] = [
  {
    id: 'DEL-21',
    title: 'DEL succeeds when the sandbox is gone',
    section: 'del',
    severity: 'MUST',
    run: (bench) => succeedAfter(bench, removeSandbox),
  },
  {
    id: 'DEL-22',
    title: 'DEL succeeds when the sandbox is gone and CNI_NETNS is empty or missing',
    section: 'del',
    severity: 'MUST',
    async run(bench) {
      await succeedAfter(bench, removeSandbox, withoutSandbox);
      await succeedAfter(bench, removeSandbox, { env: { CNI_NETNS: undefined } });
    },
  },
  {
    id: 'DEL-23',
    title: 'DEL succeeds when the interface is gone from the sandbox',
    section: 'del',
    severity: 'MUST',
    needs: [makesInterface],
    run: (bench) => succeedAfter(bench, removeInterface),
  },
  {
    id: 'DEL-24',
    title: 'DEL succeeds when all that the result lists on the host is gone',
    section: 'del',
    severity: 'MUST',
    needs: [speaks('0.3.0')],
    async run(bench) {
      const added = await bench.add(await bench.attachment());
      for (const { name } of hostInterfaces(added.result))
        await bench.host.exec(['ip', 'link', 'delete', name]);
      await bench.del(added.attachment);
      await ensureGone(added, 'DEL');
    },
  },
  {
    id: 'DEL-25',
    title: 'DEL succeeds when every packet filter rule is gone',
    section: 'del',
    severity: 'MUST',
    run: (bench) => succeedAfter(bench, () => flushRules(bench)),
  },
];

const cleaning: Case[] = [
  {
    id: 'DEL-31',
    title: 'DEL leaves nothing on the host when the sandbox is gone',
    section: 'del',
    severity: 'SHOULD',
    async run(bench) {
      await deleteAfter(bench, removeSandbox);
    },
  },
  {
    id: 'DEL-32',
    title: 'DEL leaves nothing on the host when the sandbox is gone and CNI_NETNS is empty',
    section: 'parameters040',
    severity: 'SHOULD',
    async run(bench) {
      await deleteAfter(bench, removeSandbox, withoutSandbox);
    },
  },
  {
    id: 'DEL-33',
    title: 'DEL without CNI_NETNS while the sandbox lives leaves nothing on the host once that goes',
    section: 'parameters040',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.warmUp();
      const { attachment } = await bench.add(await bench.attachment());
      await bench.del(attachment, { env: { CNI_NETNS: undefined } });
      await attachment.sandbox.remove();
      await ensureUnchangedSoon(
        before,
        bench.host,
        'DEL and the end of the sandbox left something on the host',
      );
    },
  },
  {
    id: 'DEL-34',
    title: 'DEL frees the address when the sandbox is gone and CNI_NETNS is empty',
    section: 'del',
    severity: 'SHOULD',
    needs: [hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(1);
      for (let round = 0; round < 3; round += 1) {
        const { attachment } = await bench.add(await bench.attachment(), pool);
        await attachment.sandbox.remove();
        await bench.del(attachment, { ...pool, ...withoutSandbox });
      }
    },
  },
  {
    id: 'DEL-35',
    title: 'DEL leaves nothing on the host when the interface is gone from the sandbox',
    section: 'del',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      await deleteAfter(bench, removeInterface);
    },
  },
  {
    id: 'DEL-36',
    title: 'DEL without prevResult succeeds, removes the interface and leaves nothing on the host',
    section: 'parameters040',
    severity: 'SHOULD',
    async run(bench) {
      await ensureGone(await deleteAfter(bench, nothing, { prevResult: null }), 'DEL');
    },
  },
];

/** Removes every rule, set and table, as a firewall reload does. */
export async function flushRules({ host }: Bench): Promise<void> {
  await host.run(['nft', 'flush', 'ruleset']);
}

const state: Case[] = [
  {
    id: 'DEL-41',
    title: 'DEL succeeds and removes the interface when all state on disk is lost',
    section: 'del',
    severity: 'SHOULD',
    async run(bench) {
      const added = await deleteAfter(bench, async () => {
        for (const path of await stateFiles(bench)) await rm(path);
      });
      await ensureGone(added, 'DEL');
    },
  },
  {
    id: 'DEL-42',
    title: 'DEL succeeds and removes the interface when every state file is empty, as after a power cut',
    section: 'del',
    severity: 'SHOULD',
    async run(bench) {
      const added = await deleteAfter(bench, async () => {
        for (const path of await stateFiles(bench)) await writeFile(path, '');
      });
      await ensureGone(added, 'DEL');
    },
  },
  {
    id: 'DEL-43',
    title: 'DEL succeeds and removes the interface when every state file holds junk',
    section: 'del',
    severity: 'SHOULD',
    async run(bench) {
      const added = await deleteAfter(bench, async () => {
        for (const path of await stateFiles(bench)) await writeFile(path, '}junk{\u0000');
      });
      await ensureGone(added, 'DEL');
    },
  },
  {
    id: 'DEL-44',
    title: 'ADD works after all state on disk is lost, and gives out no address in use',
    section: 'practice',
    severity: 'SHOULD',
    async run(bench) {
      const first = await bench.add(await bench.attachment());
      for (const path of await stateFiles(bench)) await rm(path);
      const second = await bench.add(await bench.attachment());
      const shared = addressesOf(second.result).filter((address) =>
        addressesOf(first.result).includes(address),
      );
      ensureEqual(shared, [], 'The addresses given out although the first container still has them');
    },
  },
];

export const delFamily: Family = {
  prefix: 'DEL',
  title: 'DEL',
  cases: [...undoing, ...again, ...succeeding, ...cleaning, ...state],
};
