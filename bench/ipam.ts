import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePool } from '../src/ipam/config.ts';
import { openStore } from '../src/ipam/store.ts';

/*
 * What an allocation and its release cost with 0, 250 and 1,000 addresses held: npm run bench:ipam. Stores take turns,
 * so that whatever else the machine does hits all of them alike.
 */

const HELD = [0, 250, 1000];
const ROUNDS = 300;
const pool = parsePool({ network: 'bench', ipam: { ranges: [[{ subnet: '10.80.0.0/20' }]] } });

const attachment = (containerID: string) => ({ network: 'bench', containerID, ifname: 'eth0' });

async function storeWith(directory: string, held: number) {
  const store = openStore({ dataDir: join(directory, String(held)) });
  for (let index = 0; index < held; index++) {
    await store.allocate({ attachment: attachment(`held${index}`), pool });
  }
  return { held, store, times: [] as number[] };
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

const directory = await mkdtemp(join(tmpdir(), 'bench-ipam-'));
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
  const base = median(stores[0]?.times ?? []);
  for (const { held, times } of stores) {
    const cost = median(times);
    console.log(`${held} held: ${cost.toFixed(3)} ms, ${(cost / base).toFixed(2)} times the cost at 0`);
  }
} finally {
  await rm(directory, { recursive: true });
}
