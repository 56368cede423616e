import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHost, type Host } from '../../../conformance/host.ts';
import { GOLDEN } from './cases.ts';
import { furnish, place } from './real.ts';

let host: Host;
beforeAll(async () => {
  host = await createHost();
  await furnish(host);
});
afterAll(async () => {
  await host.dispose();
});

it.each(Object.entries(GOLDEN))(
  'nginx takes the configuration "%s" without a warning',
  async (_name, golden) => {
    const main = await place(host, golden.model, golden.input);
    const { exitCode, stderr } = await host.exec(['nginx', '-t', '-q', '-c', main]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  },
);
