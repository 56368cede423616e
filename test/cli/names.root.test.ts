import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { createLab, idOf, type Lab, NETWORK } from '../names/lab.ts';

let lab: Lab;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  lab = await createLab();
  const list = { cniVersion: '1.0.0', name: 'flatnet', plugins: [{ type: 'flatnet', ...NETWORK }] };
  await lab.host.run(['mkdir', '--parents', '/etc/cni/net.d']);
  await lab.host.run(['tee', '/etc/cni/net.d/flatnet.conflist'], { input: JSON.stringify(list) });
});
afterEach(() => lab.dispose());

const names = (...words: readonly string[]) => lab.host.exec([EXECUTABLE, 'names', ...words]);

describe('flatnet names', () => {
  it('lists what resolves and to what, and exports it', async () => {
    await lab.add('web', { aliases: ['www', 'two words'] });
    await lab.add('db');
    const [web, db] = ['web', 'db'].map((name) => idOf(name).slice(0, 12));
    const { exitCode, stdout } = await names();
    expect([exitCode, stdout]).toEqual([
      0,
      [
        'ADDRESS    NAMES                   DOMAIN   NETWORK  SERVER',
        `10.87.1.2  web, www, ${web}  flatnet  flatnet  dnsmasq`,
        `10.87.1.3  db, ${db}        flatnet  flatnet  dnsmasq`,
        '',
      ].join('\n'),
    ]);
    expect((await names('export')).stdout).toBe(
      `10.87.1.2 web.flatnet www.flatnet ${web}.flatnet\n10.87.1.3 db.flatnet ${db}.flatnet\n`,
    );
    expect((await names('export', '--format', 'zone')).stdout).toMatch(
      /^\$ORIGIN flatnet\.\n[^]*\nwww IN A 10\.87\.1\.2\n/,
    );
    expect(JSON.parse((await names('--json', '--network', 'flatnet')).stdout)).toMatchObject({
      networks: [
        {
          network: 'flatnet',
          domain: 'flatnet',
          servers: ['10.87.1.1'],
          program: { kind: 'dnsmasq' },
          state: 'answers',
          containers: [{ id: idOf('web') }, {}],
        },
      ],
    });
    expect((await names('export', '--format', 'yaml')).stderr).toContain('Expected hosts, zone, json');
  });

  it('says why there are none', async () => {
    const nothing = await names();
    expect([nothing.exitCode, nothing.stdout, nothing.stderr]).toEqual([
      0,
      '',
      'No container runs on a network with names\n',
    ]);
    expect((await names('--network', 'other')).stderr).toContain('Network "other" has no names');
  });

  it('says that a server is dead, and what the containers would be', async () => {
    await lab.add('web');
    await lab.host.run(['kill', '-KILL', ...(await lab.servers()).map(String)]);
    const { exitCode, stdout, stderr } = await names();
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('10.87.1.2  web,')]);
    expect(stderr).toMatch(
      /^Cannot rely on names: the server of the names of "flatnet" does not run.*see flatnet doctor\n$/,
    );
  });
});
