import { readdir, readFile, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../build/project.ts';
import { ensureExecutable } from '../executable.ts';
import { ENVIRONMENT, IMAGE, type Machine } from '../podman/machine.ts';
import { createMachine5 } from './machine.ts';

const EXAMPLES = join(ROOT, 'examples/quadlet');
const UNITS = '/etc/containers/systemd';
const GENERATOR = '/usr/lib/systemd/system-generators/podman-system-generator';

let machine: Machine;
/** What Quadlet makes of the examples. */
let generated: string;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine5();
  await mkdir(machine.host.file(UNITS), { recursive: true });
  for (const name of await readdir(EXAMPLES)) {
    await writeFile(machine.host.file(`${UNITS}/${name}`), await readFile(join(EXAMPLES, name)));
  }
  const { exitCode, stdout, stderr } = await machine.host.exec([GENERATOR, '--dryrun'], { env: ENVIRONMENT });
  expect(exitCode, stderr).toBe(0);
  generated = stdout;
});
afterAll(() => machine.dispose());

/** The command of a unit's ExecStart that begins with these words of Podman. */
function startOf(...words: readonly string[]): readonly string[] {
  const line = generated
    .split('\n')
    .find((one) => one.startsWith(`ExecStart=/usr/bin/podman ${words.join(' ')}`));
  return (line ?? '').replace('ExecStart=/usr/bin/podman ', '').split(' ');
}

/** Without what needs systemd, and with the image that the machine has. */
function withoutSystemd(run: readonly string[]): readonly string[] {
  const options = run.filter((word) => !/^--(sdnotify|cgroups|cidfile)=|^docker\.io/.test(word));
  return [...options, IMAGE, 'sleep', '60'];
}

describe('the examples of Quadlet', () => {
  it('make the network by flatnet', async () => {
    await machine.succeed(...startOf('network', 'create'));
    const [network] = JSON.parse(await machine.succeed('network', 'inspect', 'lab'));
    expect(network).toMatchObject({
      driver: 'flatnet',
      subnets: [
        {
          subnet: '10.87.20.0/24',
          gateway: '10.87.20.1',
          lease_range: { start_ip: '10.87.20.129', end_ip: '10.87.20.255' },
        },
      ],
      options: { 'ingress-policy': 'same-bridge' },
    });
  });

  it('start containers on it, with the address that is asked for and a published port', async () => {
    await machine.succeed(...withoutSystemd(startOf('run', '--name', 'db')));
    await machine.succeed(...withoutSystemd(startOf('run', '--name', 'web')));
    expect(await machine.endpoint('db', 'lab')).toMatchObject({ IPAddress: '10.87.20.50' });
    expect((await machine.endpoint('web', 'lab')).IPAddress).toMatch(/^10\.87\.20\.(129|1[3-9]\d|2\d\d)$/);
    expect(await machine.succeed('port', 'web')).toContain('80/tcp -> 0.0.0.0:8080');
  });

  it('order the units: the network before the containers, the database before who needs it', () => {
    expect(generated.match(/^Requires=lab-network\.service$/gm)).toHaveLength(3);
    expect(generated).toMatch(/^Requires=db\.service$/m);
  });
});
