import type { Context } from '../sys/context.ts';
import { isFromKernel, isRefusal } from '../sys/netlink/error.ts';
import { commit } from './commit.ts';
import { requireGroups } from './features.ts';
import { groupsOf } from './table.ts';
import { planTables } from './table-plan.ts';
import type { ElementChanges } from './transaction.ts';

/** Attempts per call after refusals other than a changed ruleset. */
const LIMIT = 4;

/** Counts an attempt; throws `error` after too many. */
export type Retry = (error: unknown) => void;

export function limitRetries(): Retry {
  let attempts = 0;
  return (error) => {
    attempts += 1;
    if (attempts > LIMIT) throw error;
  };
}

export interface Refused {
  readonly plan: ElementChanges;
  readonly retry: Retry;
}

/**
 * Prepares to plan a refused transaction again. A changed ruleset (ERESTART) needs nothing. Otherwise sets are missing,
 * because an earlier release made the table or another program removed them, or a packet added an address of the host
 * first: complete the sets and chains.
 * @throws the refusal, if it is not from the kernel or persists.
 */
export async function prepareRetry(error: unknown, { plan, retry }: Refused, ctx: Context): Promise<void> {
  if (isRefusal(error, 'ERESTART')) return;
  if (!isFromKernel(error)) throw error;
  retry(error);
  const groups = groupsOf([...plan.remove, ...plan.add]);
  await requireGroups(groups, ctx);
  await commit(planTables(groups), ctx);
}
