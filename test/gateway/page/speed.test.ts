import { expect, it } from 'vitest';
import { createApi } from '../../../src/gateway/api/app.ts';
import { BROWSER } from '../api/ask.ts';
import { contextOf, modelOf, sourceOf } from '../sample.ts';
import { crowd } from './crowd.ts';

/** Milliseconds of processor time, which other work on the machine does not add to. */
function spent({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000;
}

it('a page of 100 services takes less than 100 ms of server time', async () => {
  const api = createApi(contextOf(sourceOf(modelOf(crowd(100)))), 'lan');
  const times: number[] = [];
  for (let count = 0; count < 10; count += 1) {
    const request = new Request('http://localhost/', { headers: { host: 'localhost', ...BROWSER } });
    const before = process.cpuUsage();
    await (await api.fetch(request, '127.0.0.1')).text();
    times.push(spent(process.cpuUsage(before)));
  }
  const sorted = [...times].sort((left, right) => left - right);
  if (process.env['FLATNET_MEASURE'] !== undefined) {
    console.log(`first ${times[0]!.toFixed(1)} ms, median ${sorted[5]!.toFixed(1)} ms`);
  }
  expect(sorted[5]).toBeLessThan(100);
});
