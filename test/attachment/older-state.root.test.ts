import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { isPointless } from '../plain/way.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';

const DIRECTORY = '/var/lib/flatnet/ipam';
const STATE = `${DIRECTORY}/allocations.json`;
const subnetOf = (at: number) => `10.80.${at}.0/28`;

let host: Host;
beforeAll(ensureExecutable, 300_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

/** A network of its own bridge, with a data directory of its own unless it is the first. */
function network(at: number, ipam?: object): Record<string, unknown> {
  const dataDir = at === 0 ? {} : { dataDir: `/var/lib/flatnet/d${at}` };
  const own = { type: 'flatnet', ranges: [[{ subnet: subnetOf(at) }]], ...dataDir };
  return { name: `n${at}`, bridge: `cbr${at}`, ipam: ipam ?? own };
}

async function add(id: string, conf: Record<string, unknown>, args = ''): Promise<string> {
  const sandbox = await host.addSandbox(`${id}${Math.random().toString(36).slice(2, 6)}`);
  const result = await attach(host, sandbox, {
    conf,
    containerID: id,
    args,
    env: { FLATNET_LOG_LEVEL: 'debug' },
  });
  return String(result.ips[0].address).split('/')[0]!;
}

const del = async (id: string, conf: Record<string, unknown>) => {
  expect((await invoke(host, 'DEL', { conf, containerID: id })).exitCode).toBe(0);
};

const flatnet = (...args: readonly string[]) => host.exec([EXECUTABLE, ...args]);

/** Keys of what is held, by the words of the file itself. */
async function heldIn(directory: string): Promise<readonly string[]> {
  return Object.keys(JSON.parse(await host.run(['cat', `${directory}/allocations.json`])).allocations);
}

describe('an older allocations.json that is put back', () => {
  it('gives no second container the address that one has got since', async () => {
    const conf = network(0);
    await add('a', conf);
    await host.run(['cp', '-p', STATE, '/run/older.json']);
    await del('a', conf);
    expect(await add('a', conf, 'IgnoreUnknown=1;IP=10.80.0.3')).toBe('10.80.0.3');
    await host.run(['cp', '-p', '/run/older.json', STATE]);
    const verified = await flatnet('ipam', 'verify');
    expect(verified).toMatchObject({
      exitCode: 1,
      stdout: `"${STATE}" is outdated, the links have other addresses; "flatnet ipam repair" corrects it\n`,
    });
    expect((await flatnet('ipam', 'list')).stdout).toMatch(/10\.80\.0\.3\/28 +a +eth0 +live/);
    expect(await add('b', conf)).toBe('10.80.0.2');
    expect(await heldIn(DIRECTORY)).toEqual(['n0/10.80.0.3', 'n0/10.80.0.2']);
    expect((await flatnet('ipam', 'verify')).exitCode).toBe(0);
  });

  it('is put right where /run/flatnet was emptied too', async () => {
    const conf = network(0);
    await add('a', conf);
    await host.run(['cp', '-p', STATE, '/run/older.json']);
    await add('b', conf);
    await host.run(['cp', '-p', '/run/older.json', STATE]);
    await host.run(['rm', '-r', '/run/flatnet']);
    expect(await add('c', conf)).toBe('10.80.0.4');
    expect([...(await heldIn(DIRECTORY))].sort()).toEqual(['n0/10.80.0.2', 'n0/10.80.0.3', 'n0/10.80.0.4']);
  });

  it('publishes no port of an earlier life at a reload', async () => {
    const conf = network(0);
    const published = { ...conf, runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] } };
    await add('a', published);
    await host.run(['cp', '-p', STATE, '/run/older.json']);
    await del('a', published);
    await add('a', conf);
    await host.run(['cp', '-p', '/run/older.json', STATE]);
    expect((await flatnet('reload')).stderr).toContain('are unknown');
    expect(await host.run(['nft', 'list', 'ruleset'])).not.toContain('8080');
  });
});

describe('several data directories', () => {
  it('have each its own entries, whatever comes and goes', async () => {
    const [one, two] = [network(0), network(1)];
    await add('a', one);
    await add('b', two);
    await add('c', one);
    expect(await heldIn(DIRECTORY)).toEqual(['n0/10.80.0.2', 'n0/10.80.0.3']);
    expect(await heldIn('/var/lib/flatnet/d1')).toEqual(['n1/10.80.1.2']);
    await del('a', one);
    await del('b', two);
    await del('c', one);
    expect(await heldIn(DIRECTORY)).toEqual([]);
    expect(await heldIn('/var/lib/flatnet/d1')).toEqual([]);
  });

  it('are rebuilt each from its own links, in any spelling of the path', async () => {
    const [one, two] = [network(0), network(1)];
    await add('a', one);
    await add('b', two);
    await host.run(['rm', '-r', '/var/lib/flatnet']);
    const spelled = {
      ...two,
      ipam: { type: 'flatnet', ranges: [[{ subnet: subnetOf(1) }]], dataDir: '/var/lib/x/../flatnet/d1/' },
    };
    expect(await add('c', spelled)).toBe('10.80.1.3');
    expect(await add('d', one)).toBe('10.80.0.3');
    expect(await heldIn(DIRECTORY)).toEqual(['n0/10.80.0.2', 'n0/10.80.0.3']);
    expect(await heldIn('/var/lib/flatnet/d1')).toEqual(['n1/10.80.1.2', 'n1/10.80.1.3']);
    const verified = await flatnet('ipam', 'verify', '--data-dir', '/var/lib/flatnet/d1');
    expect(verified).toMatchObject({ exitCode: 0, stdout: '2 addresses in use, each with its link.\n' });
  });

  it('hold nothing of what another plugin gave', async () => {
    const foreign = network(2, { type: 'static', addresses: [{ address: '10.80.2.9/28' }] });
    await add('a', foreign);
    await add('b', network(0));
    await host.run(['rm', STATE]);
    await add('c', network(0));
    expect(await heldIn(DIRECTORY)).toEqual(['n0/10.80.0.2', 'n0/10.80.0.3']);
    expect(JSON.parse((await flatnet('ipam', 'verify', '--json')).stdout)).toMatchObject({ strays: [] });
  });

  it.skipIf(isPointless('a look at any link is a program'))(
    'cost an ADD no list of links, however many the others make',
    async () => {
      const lists = async (): Promise<number> =>
        (await host.run(['cat', '/var/log/flatnet/cni.log'])).split('addr show').length - 1;
      await add('a', network(1));
      await add('b', network(0));
      const before = await lists();
      // Without a file the links are what is known.
      expect(before).toBeGreaterThan(0);
      await add('c', network(1));
      await add('d', network(0));
      await add('e', network(1));
      expect(await lists()).toBe(before);
    },
  );
});
