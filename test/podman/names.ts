import { expect } from 'vitest';
import { IMAGE, type Machine } from './machine.ts';

/** What a container finds for a name, by its own resolv.conf. */
export async function found(machine: Machine, from: string, name: string): Promise<readonly string[]> {
  const { stdout } = await machine.podman('exec', from, 'nslookup', '-type=a', name);
  const [, ...answers] = stdout.split(/^Name:/m);
  return answers.flatMap((answer) => /Address: (\S+)/.exec(answer)?.[1] ?? []);
}

async function addressOf(machine: Machine, container: string, network: string): Promise<string> {
  return (await machine.endpoint(container, network)).IPAddress;
}

/**
 * The same with every Podman: containers find each other by name, alias, id and the name of their pod, whatever is renamed,
 * disconnected, killed and removed, and nobody who is gone. The network is there; all containers are removed at the end.
 */
export async function expectNames(machine: Machine, network: string): Promise<void> {
  const on = `--network=${network}`;
  const { succeed } = machine;
  await machine.web('web', on, '--network-alias=www');
  await machine.web('db', on);
  await succeed('pod', 'create', '--name=pod', on, `--infra-image=${IMAGE}`, '--infra-command=sleep 1000000');
  await succeed('run', '--detach', '--pod=pod', '--name=beside', IMAGE, 'sleep', '1000000');
  const web = await addressOf(machine, 'web', network);
  const id = (await succeed('inspect', '--format={{.Id}}', 'web')).slice(0, 12);
  for (const name of ['web', 'web.flatnet', 'WWW', id])
    expect([name, await found(machine, 'db', name)]).toEqual([name, [web]]);
  expect(await found(machine, 'db', 'pod')).toHaveLength(1);
  expect(await found(machine, 'beside', 'web')).toEqual([web]);

  await succeed('network', 'disconnect', network, 'web');
  expect(await found(machine, 'db', 'web.flatnet')).toEqual([]);
  await succeed('network', 'connect', network, 'web');
  expect(await found(machine, 'db', 'web')).toEqual([await addressOf(machine, 'web', network)]);

  await succeed('rename', 'web', 'site');
  await succeed('restart', '--time=0', 'site');
  expect(await found(machine, 'db', 'site')).toEqual([await addressOf(machine, 'site', network)]);
  expect(await found(machine, 'db', 'web.flatnet')).toEqual([]);

  await succeed('kill', '--signal=KILL', 'site');
  await expect.poll(() => found(machine, 'db', 'site.flatnet'), { timeout: 10_000 }).toEqual([]);
  await machine.clear();
}
