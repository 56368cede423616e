import { closeSync, openSync, writeSync } from 'node:fs';
import { openStore, parsePool } from '../../src/ipam/index.ts';
import { isRunning, ownProcess } from '../../src/sys/proc.ts';

/*
 * One process of the stress test: allocates and releases `rounds` times and says so in a log that all share. A line is
 * written after an address was got and before it is given back, so the log never claims more than was held.
 */
const [dataDir = '', log = '', worker = '', rounds = '1'] = process.argv.slice(2);

const pool = parsePool({ network: 'n', ipam: { subnet: '10.2.0.0/27' } });
const creator = ownProcess();
// An address is held as long as the process that got it runs: a killed worker's become free.
const holders = () => ({ isLive: () => false, isRunning });
const store = openStore({ dataDir, holders, lockTimeoutMs: 60_000 });
const fd = openSync(log, 'a');

for (let round = 0; round < Number(rounds); round += 1) {
  const attachment = { network: 'n', containerID: `${worker}-${round}`, ifname: 'eth0' };
  const { allocations } = await store.allocate({ attachment, pool, creator });
  const address = allocations[0]?.address;
  writeSync(fd, `${JSON.stringify({ event: 'got', worker, address })}\n`);
  await new Promise((resolve) => setImmediate(resolve));
  writeSync(fd, `${JSON.stringify({ event: 'gave', worker, address })}\n`);
  await store.release(attachment, { creator });
}
closeSync(fd);
