import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { createMachine, ENVIRONMENT, type Machine } from '../podman/machine.ts';

const ROOT = join(import.meta.dirname, '../..');
let machine: Machine;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine(JSON.parse(await readFile(join(ROOT, 'examples/flatnet.conflist'), 'utf8')));
});

afterAll(async () => {
  await machine.dispose();
});

function integration(...args: readonly string[]) {
  return machine.host.exec([join(ROOT, 'scripts/test-integration.sh'), ...args], {
    env: ENVIRONMENT,
    timeoutMs: 120_000,
  });
}

async function expectNothingLeft(): Promise<void> {
  expect(await machine.succeed('ps', '--all', '--format={{.Names}}')).toBe('');
  expect(await machine.succeed('images', '--format={{.Repository}}')).not.toContain('flatnet-integration');
  expect(await machine.allocations()).toEqual({});
}

test('scripts/test-integration.sh --quick starts two containers and reaches them', async () => {
  const { exitCode, stdout, stderr } = await integration('--quick');
  expect(exitCode, stdout + stderr).toBe(0);
  const [first, second] = /^Container IPs: (\S+), (\S+)$/m.exec(stdout)?.slice(1) ?? [];
  expect(stdout).toContain('=== Phase 2 Integration Test ===\n');
  for (const line of [
    `[OK] HTTP to ${first}`,
    `[OK] HTTP to ${second}`,
    '[OK] Container inter-communication',
    '=== Done ===',
  ]) {
    expect(stdout).toContain(`${line}\n`);
  }
  expect(stdout).not.toContain('IP preserved');
  await expectNothingLeft();
});

test('scripts/test-integration.sh also stops, starts, restarts and kills', async () => {
  const { exitCode, stdout, stderr } = await integration();
  expect(exitCode, stdout + stderr).toBe(0);
  for (const line of ['[OK] IP preserved', '[OK] Network works after restart', '[OK] Address released']) {
    expect(stdout).toContain(`${line}\n`);
  }
  await expectNothingLeft();
});

test('scripts/test-integration.sh fails where containers cannot be reached', async () => {
  const drop = [
    'nft',
    'add table inet block; add chain inet block out { type filter hook output priority 0; policy accept; }; add rule inet block out oifname flatnet-br0 tcp dport 80 drop',
  ];
  await machine.host.run(drop);
  try {
    const { exitCode, stdout } = await integration('--quick');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^\[NG\] HTTP to 10\.87\.1\.\d+$/m);
    expect(stdout).toContain('[OK] Container inter-communication\n');
  } finally {
    await machine.host.run(['nft', 'delete table inet block']);
  }
  await expectNothingLeft();
});

test('scripts/test-integration.sh refuses a word that it does not know', async () => {
  expect(await integration('--fast')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--quick'),
  });
});
