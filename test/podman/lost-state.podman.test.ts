import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Finding, Report } from '../cli/examination.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { createMachine, ENVIRONMENT, type Machine } from './machine.ts';
import { FLATNET } from './networks.ts';

const STATE = '/var/lib/flatnet/ipam/allocations.json';
let machine: Machine;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine(FLATNET);
}, 180_000);
afterEach(() => machine.clear());
afterAll(() => machine.dispose());

const flatnet = (...args: readonly string[]) =>
  machine.host.exec([EXECUTABLE, ...args], { env: ENVIRONMENT, timeoutMs: 60_000 });

async function findings(category: Finding['category']): Promise<readonly Finding[]> {
  const { stdout } = await flatnet('doctor', '--json');
  const { checks }: Report = JSON.parse(stdout);
  return checks.filter((check) => check.category === category && check.status !== 'pass');
}

test('a published port that was lost with the state is told, until its container is restarted', async () => {
  await machine.web('web', '--publish=8080:80');
  await machine.host.run(['rm', STATE]);
  await flatnet('ipam', 'repair');
  expect(await findings('Addresses')).toMatchObject([
    {
      name: 'forgotten rules',
      status: 'warning',
      message:
        'the published ports and other rules of 10.87.1.2 (web) are unknown: their state was lost and rebuilt from the links',
    },
  ]);
  await machine.host.run(['nft', 'flush', 'ruleset']);
  expect(await flatnet('reload')).toMatchObject({
    exitCode: 1,
    stderr: 'The rules of container web are unknown: its state was lost; restart it\n',
  });
  await flatnet('doctor', '--fix');
  const [finding] = await findings('Addresses');
  expect(finding).toMatchObject({ status: 'fail', suggestion: expect.stringMatching(/podman restart web$/) });
  expect(finding?.message).toContain('Published port "tcp . 8080" to 10.87.1.2 . 80 is gone');
  expect(await flatnet('status')).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/1 rule missing\n.*unknown for web: restart it/),
  });
  await machine.succeed('restart', '--time=0', 'web');
  expect(await findings('Addresses')).toEqual([]);
  expect(await machine.fetchPage('127.0.0.1:8080')).toBe('ok');
});

test('a running container whose interface is gone is cut off, not a dead entry', async () => {
  await machine.web('web');
  await machine.web('db');
  const [hostIfname = ''] = /fn[0-9a-z]{13}/.exec((await flatnet('ipam', 'show', 'web')).stdout) ?? [''];
  await machine.host.run(['ip', 'link', 'del', hostIfname]);
  expect(await findings('Addresses')).toEqual([]);
  expect(await findings('Podman')).toMatchObject([
    {
      name: 'containers',
      status: 'fail',
      message: 'running without its host interface: web',
      suggestion: expect.stringMatching(/podman restart web$/),
    },
  ]);
  await machine.succeed('restart', '--time=0', 'web');
  expect(await findings('Podman')).toEqual([]);
});
