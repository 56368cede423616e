import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { pairs } from '../fixtures/plugin.ts';

const WORKER = join(import.meta.dirname, 'two-at-once.ts');

let host: Host;

beforeAll(async () => {
  host = await createHost();
});
afterAll(async () => {
  await host.dispose();
});

interface Outcome {
  readonly addresses: readonly string[];
  readonly failure: string;
  readonly commands: readonly string[];
}

test('two attachments in one process at once: cancelling one neither ends nor traces the other', async () => {
  const one = await host.addSandbox();
  const two = await host.addSandbox();
  const printed = await host.run([process.execPath, WORKER, one.path, two.path]);
  const [first, second] = JSON.parse(printed) as [Outcome, Outcome];

  expect(first).toMatchObject({ addresses: ['10.87.1.2'], failure: '' });
  expect(second).toMatchObject({ addresses: [], failure: expect.stringContaining('second was cancelled') });
  expect(first.commands.join('\n')).toContain('10.87.1.2');
  expect(second.commands.join('\n')).not.toContain('10.87.1.2');
  expect(await one.run(['ip', '-br', 'addr', 'show', 'eth0'])).toContain('10.87.1.2/24');
  expect(await two.run(['ip', '-br', 'link'])).not.toContain('eth0');
  expect(await pairs(host)).toHaveLength(1);
});
