import { defineCommand } from '../../command.ts';
import type { Store } from '../../../ipam/store.ts';
import type { Allocation } from '../../../ipam/types.ts';
import type { Context } from '../../../sys/context.ts';
import { EXIT, type Io, printJson } from '../../io.ts';
import { printable } from '../../../input/printable.ts';
import { flag } from '../../option.ts';
import { DATA_DIR, JSON_OPTION, ONE_NETWORK } from '../options.ts';

/** Says why, and returns `undefined`, where Podman does not answer: what is dead without it is freed all the same. */
async function lookForAbandoned(
  store: Store,
  filter: { readonly network?: string },
  io: Io,
): Promise<readonly Allocation[] | undefined> {
  const { findAbandoned } = await import('../../ipam/abandoned.ts');
  try {
    return await findAbandoned(store, filter);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    io.err(`Cannot tell which containers Podman has removed: ${printable(why)}\n`);
    return undefined;
  }
}

interface Collection {
  readonly dryRun: boolean;
  readonly filter: { readonly network?: string };
  readonly abandoned: readonly Allocation[];
}

/** Frees what the dead and the abandoned have, or only lists it. */
async function collectAll(
  store: Store,
  { dryRun, filter, abandoned }: Collection,
  ctx: Context,
): Promise<readonly Allocation[]> {
  if (dryRun) return [...(await store.reclaim({ dryRun, ...filter })), ...abandoned];
  const { collectDead } = await import('../../../attachment/collect.ts');
  const { clearAbandoned } = await import('../../ipam/abandoned.ts');
  const dead = await collectDead(store, filter, ctx);
  return [...dead, ...(await clearAbandoned(store, abandoned, ctx))];
}

export const GC = defineCommand({
  name: 'gc',
  summary: 'free the addresses of all containers that are gone',
  options: { dryRun: flag('only list them'), network: ONE_NETWORK, dataDir: DATA_DIR, json: JSON_OPTION },
  rootBecause: 'changes the addresses',
  async run({ dryRun, network, dataDir, json }, io) {
    const { sweepLimits } = await import('../../../attachment/collect.ts');
    const { storeIn } = await import('../../ipam/state.ts');
    const { describeAll } = await import('../../ipam/describe.ts');
    const filter = network === undefined ? {} : { network };
    const store = storeIn(dataDir);
    const ctx = await io.context();
    const abandoned = await lookForAbandoned(store, filter, io);
    const freed = await collectAll(store, { dryRun, filter, abandoned: abandoned ?? [] }, ctx);
    // Limits whose container is gone do not tell their network, so `--network` leaves all of them.
    const swept = dryRun || network !== undefined ? [] : await sweepLimits(await store.list(), ctx);
    if (json) printJson(io, { dryRun, freed });
    else if (freed.length === 0) io.out('Every address in use has a container.\n');
    else io.out(`${dryRun ? 'Would free' : 'Freed'}:\n${describeAll(freed)}`);
    if (swept.length > 0 && !json)
      io.out(`Removed the bandwidth limits of containers that are gone: ${swept.join(', ')}\n`);
    return abandoned === undefined ? EXIT.warnings : EXIT.ok;
  },
});
