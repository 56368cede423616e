/**
 * Works through a list with several workers at once, each with a machine of its own.
 *
 * @throws Error that tells every failure, not only the first.
 */
export async function shareOut<Worker, Item>(
  workers: readonly Worker[],
  items: readonly Item[],
  work: (worker: Worker, item: Item) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  const failures: string[] = [];
  await Promise.all(
    workers.map(async (worker) => {
      for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
        await work(worker, item).catch((error: unknown) => {
          failures.push(error instanceof Error ? error.message : String(error));
        });
      }
    }),
  );
  if (failures.length > 0)
    throw new Error(`${failures.length} of ${items.length}:\n${failures.join('\n\n')}`);
}

/** Whether to try everything (`npm run faults`), or what fits in a test run. */
export const EVERYTHING = process.env['FLATNET_FAULTS'] === 'all';
