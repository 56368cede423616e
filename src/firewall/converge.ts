import type { Context } from '../sys/context.ts';
import type { Kernel } from '../sys/kernel.ts';
import { commitElements } from './commit.ts';
import { limitRetries, prepareRetry } from './retry.ts';
import { TABLE } from './table.ts';
import { type ElementChanges, isEmpty, type Transaction } from './transaction.ts';

/** What the packet filter is to have. */
export interface Aim {
  /** Whether tables and chains are there, by what the kernel says now. */
  readonly isWhole: () => boolean;
  /** Makes tables and chains. */
  readonly make: () => Promise<void>;
  /** What elements differ, for one generation of the ruleset. */
  readonly plan: () => ElementChanges & Pick<Transaction, 'generation'>;
}

/** Brings the packet filter there, whatever other programs do to it meanwhile. Runs no process if only elements are missing. */
export async function converge(kernel: Kernel, { isWhole, make, plan }: Aim, ctx: Context): Promise<void> {
  const retry = limitRetries();
  for (;;) {
    ctx.signal?.throwIfAborted();
    if (!isWhole()) {
      retry(new Error(`The rules of table "${TABLE}" are removed as soon as they are made`));
      await make();
      continue;
    }
    const changes = plan();
    if (isEmpty(changes)) return;
    try {
      await commitElements(kernel, changes);
      return;
    } catch (error) {
      await prepareRetry(error, { plan: changes, retry }, ctx);
    }
  }
}
