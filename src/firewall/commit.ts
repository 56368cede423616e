import type { Context } from '../sys/context.ts';
import { isPlain, type Kernel, openFilter } from '../sys/kernel.ts';
import { changeSets, changeSetsInBackground } from '../sys/netlink/nfnetlink.ts';
import type { PlainKernel } from '../sys/plain/way.ts';
import { nft } from '../sys/process/nft.ts';
import { encodeChanges } from './element-bytes.ts';
import { type ElementChanges, formatTransaction, isEmpty, ofLines, type Transaction } from './transaction.ts';

/** Where a transaction is carried out: the kernel takes up to 15 ms to remove elements, and other work can go on. */
type Where = 'here' | 'background';

/**
 * A set of which each element that a plan adds is one that it has not seen: the host ports that are published, on whatever
 * address and of either family.
 */
const CLAIMED = 'served';

/**
 * By nft, which knows no number of a ruleset: a plan that came too late is refused where it removes what is gone (ENOENT),
 * and where it adds what somebody else has added. For the latter each claimed host port must be new (EEXIST): of two ADDs
 * that publish one at the same time, the second plans again and finds the first.
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
 * Carries out changes of elements alone.
 *
 * @throws NetlinkError; ERESTART, or by nft ENOENT and EEXIST, when the ruleset is not the one of the plan any more.
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

/**
 * Carries a transaction out: elements alone as `commitElements` does, all else by nft.
 *
 * @throws NetlinkError, CommandError
 */
export async function commit(transaction: Transaction, ctx: Context): Promise<void> {
  if (isEmpty(transaction)) return;
  if (transaction.lines.length > 0) {
    await nft(formatTransaction(transaction), ctx);
    return;
  }
  using kernel = openFilter(ctx);
  await commitElements(kernel, transaction);
}
