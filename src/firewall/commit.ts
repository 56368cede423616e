import type { Context } from '../sys/context.ts';
import { type Netlink, openNetlink, PROTOCOL } from '../sys/netlink/netlink.ts';
import { changeSets, changeSetsInBackground } from '../sys/netlink/nfnetlink.ts';
import { nft } from '../sys/process/nft.ts';
import { encodeChanges } from './element-bytes.ts';
import { type ElementChanges, formatTransaction, isEmpty, type Transaction } from './transaction.ts';

/** Elements alone: no process. The kernel takes up to 15 ms to remove some; in the background other work goes on. */
export async function commitElements(
  netlink: Netlink,
  { remove, add, generation }: ElementChanges & Pick<Transaction, 'generation'>,
  where: 'here' | 'background' = 'here',
): Promise<void> {
  const changes = {
    remove: encodeChanges(remove, 'delete'),
    add: encodeChanges(add, 'add'),
    ...(generation === undefined ? {} : { generation }),
  };
  if (where === 'background') await changeSetsInBackground(netlink, changes);
  else changeSets(netlink, changes);
}

/**
 * Carries a transaction out: by netlink where it is about elements alone, else by nft.
 *
 * @throws NetlinkError, CommandError
 */
export async function commit(transaction: Transaction, ctx: Context): Promise<void> {
  if (isEmpty(transaction)) return;
  if (transaction.lines.length > 0) {
    await nft(formatTransaction(transaction), ctx);
    return;
  }
  using netlink = openNetlink(PROTOCOL.netfilter, ctx);
  await commitElements(netlink, transaction);
}
