import fc from 'fast-check';
import { answer } from '../fixtures/serve-driver.ts';
import { driverCall } from './driver-inputs.ts';

/** As worker.ts, for calls of netavark. */
const [seed = 0, numRuns = 1] = process.argv.slice(2).map(Number);
for (const call of fc.sample(driverCall, { seed, numRuns })) {
  process.stdout.write(`${JSON.stringify({ call, ended: await answer(call) })}\n`);
}
