import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePool } from '../src/ipam/config/config.ts';
import { openStore } from '../src/ipam/store.ts';
import { median } from './statistics.ts';

/*
 * What an allocation and its release cost with 0, 250 and 1,000 addresses held: npm run bench:ipam. Stores take turns,
 * so that whatever else the machine does hits all of them alike.
 */

const HELD = [0, 250, 1000];
const ROUNDS = 1000;
/** What an allocation with all of HELD may cost at most, in times of one with none. */
const TARGET = 1.5;
/** On a disk, where the real state is; /tmp may be memory. */
const PLACE = '/var/tmp';
const pool = parsePool({ network: 'bench', ipam: { ranges: [[{ subnet: '10.80.0.0/20' }]] } });

const attachment = (containerID: string) => ({ network: 'bench', containerID, ifname: 'eth0' });

async function storeWith(directory: string, held: number) {
  const store = openStore({ dataDir: join(directory, String(held)) });
  for (let index = 0; index < held; index++) {
    await store.allocate({ attachment: attachment(`held${index}`), pool });
  }
  return { store, times: [] as number[] };
}

const directory = await mkdtemp(join(PLACE, 'bench-ipam-'));
try {
  const stores = await Promise.all(HELD.map((held) => storeWith(directory, held)));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { store, times } of stores) {
      const start = performance.now();
      await store.allocate({ attachment: attachment('probe'), pool });
      await store.release(attachment('probe'));
      times.push(performance.now() - start);
    }
  }
  const [base = NaN, ...others] = stores.map(({ times }) => median(times));
  console.log(`allocate + release, medians of ${ROUNDS}; target: at most ${TARGET} times the cost at 0`);
  for (const [index, cost] of [base, ...others].entries()) {
    const held = `${HELD[index]} held`.padStart(9);
    console.log(`${held} ${cost.toFixed(3).padStart(8)} ms  ${(cost / base).toFixed(2)} times`);
  }
} finally {
  await rm(directory, { recursive: true });
}
