import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Finding, Report } from '../cli/examination.ts';
import { ensureExecutable } from '../executable.ts';
import { ENVIRONMENT, type Machine } from '../podman/machine.ts';
import { createMachine5, untilServed } from './machine.ts';

const BUILT = '/opt/clone/flatnet';
const STATE = '/var/lib/flatnet/ipam/allocations.json';
let machine: Machine;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine5(BUILT);
  await flatnet('install');
});
afterEach(() => machine.clear());
afterAll(() => machine.dispose());

const flatnet = (...args: readonly string[]) =>
  machine.host.exec([BUILT, ...args], { env: ENVIRONMENT, timeoutMs: 60_000 });

async function findings(category: Finding['category']): Promise<readonly Finding[]> {
  const { stdout } = await flatnet('doctor', '--json');
  const { checks }: Report = JSON.parse(stdout);
  return checks.filter((check) => check.category === category && check.status !== 'pass');
}

test('on Podman 5, a published port that was lost with the state is told, until its container is restarted', async () => {
  await machine.web('web', '--network=flatnet', '--publish=8080:80');
  await machine.host.run(['rm', STATE]);
  await flatnet('ipam', 'repair');
  expect(await findings('Addresses')).toMatchObject([{ name: 'forgotten rules', status: 'warning' }]);
  await machine.host.run(['nft', 'flush', 'ruleset']);
  expect(await flatnet('reload')).toMatchObject({
    exitCode: 1,
    stderr: 'The rules of container web are unknown: its state was lost; restart it\n',
  });
  await machine.succeed('restart', '--time=0', 'web');
  expect(await findings('Addresses')).toEqual([]);
  await untilServed(machine, '127.0.0.1:8080');
});

test('on Podman 5, a running container whose interface is gone is cut off, not a dead entry', async () => {
  await machine.web('web', '--network=flatnet');
  const [hostIfname = ''] = /fn[0-9a-z]{13}/.exec((await flatnet('ipam', 'show', 'web')).stdout) ?? [''];
  await machine.host.run(['ip', 'link', 'del', hostIfname]);
  expect(await findings('Podman')).toMatchObject([
    { name: 'containers', status: 'fail', message: 'running without its host interface: web' },
  ]);
  await machine.succeed('restart', '--time=0', 'web');
  expect(await findings('Podman')).toEqual([]);
});
