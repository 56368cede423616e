import type { Context } from '../sys/context.ts';
import { isPlain, type Kernel, openFilter } from '../sys/kernel.ts';
import { changeSets, changeSetsInBackground } from '../sys/netlink/nfnetlink.ts';
import type { PlainKernel } from '../sys/plain/way.ts';
import { nft } from '../sys/process/nft.ts';
import { encodeChanges } from './element-bytes.ts';
import { type ElementChanges, formatTransaction, isEmpty, ofLines, type Transaction } from './transaction.ts';

/** `background`: the kernel takes up to 15 ms to remove elements, and other work can go on. */
type Where = 'here' | 'background';

/** A set in which every element a plan adds must be new: the published host ports, regardless of address and family. */
const CLAIMED = 'served';

/**
 * nft knows no generation of the ruleset. A late plan is refused if it removes elements that are gone (ENOENT), or adds
 * elements that another process has added (EEXIST). For the latter each claimed host port must be new: of two
 * concurrent ADDs that publish one, the second plans again and finds the first.
 */
async function changeByNft(
  kernel: PlainKernel,
  { remove, add }: ElementChanges,
  where: Where,
): Promise<void> {
  const isClaim = ({ set }: ElementChanges['add'][number]) => set === CLAIMED;
  const claims = add.filter(isClaim);
  const others = add.filter((element) => !isClaim(element));
  const lines = [
    ...formatTransaction({ ...ofLines([]), remove, add: others }),
    ...formatTransaction({ ...ofLines([]), add: claims }).map((line) => line.replace(/^add /, 'create ')),
  ];
  if (where === 'background') await kernel.changeInBackground(lines);
  else kernel.change(lines);
}

/**
 * Commits changes of elements alone.
 * @throws NetlinkError; ERESTART, or with nft ENOENT and EEXIST, when the ruleset has changed since the plan.
 */
export async function commitElements(
  kernel: Kernel,
  { remove, add, generation }: ElementChanges & Pick<Transaction, 'generation'>,
  where: Where = 'here',
): Promise<void> {
  if (isPlain(kernel)) {
    await changeByNft(kernel, { remove, add }, where);
    return;
  }
  const changes = {
    remove: encodeChanges(remove, 'delete'),
    add: encodeChanges(add, 'add'),
    ...(generation === undefined ? {} : { generation }),
  };
  if (where === 'background') await changeSetsInBackground(kernel, changes);
  else changeSets(kernel, changes);
}

/** Commits elements alone through `commitElements`, everything else with nft. @throws NetlinkError, CommandError */
export async function commit(transaction: Transaction, ctx: Context): Promise<void> {
  if (isEmpty(transaction)) return;
  if (transaction.lines.length > 0) {
    await nft(formatTransaction(transaction), ctx);
    return;
  }
  using kernel = openFilter(ctx);
  await commitElements(kernel, transaction);
}
