import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { callFor, createLab, type Lab, NETWORK } from './lab.ts';
import { invoke } from '../fixtures/plugin.ts';

let lab: Lab;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  lab = await createLab();
});
afterEach(() => lab.dispose());

const HOSTS = '/etc/hosts';
const OWN = '127.0.0.1 localhost\n';
const read = (path: string) => readFile(lab.host.file(path), 'utf8');

async function define(conf: object): Promise<void> {
  const list = { cniVersion: '1.0.0', name: 'flatnet', plugins: [{ type: 'flatnet', ...NETWORK, ...conf }] };
  await lab.host.run(['mkdir', '--parents', '/etc/cni/net.d']);
  await lab.host.run(['tee', '/etc/cni/net.d/flatnet.conflist'], { input: JSON.stringify(list) });
}

describe('a host that is to find containers by /etc/hosts', () => {
  const conf = { names: { host: 'hosts' } };
  beforeEach(async () => {
    await writeFile(lab.host.file(HOSTS), OWN);
    await lab.host.run(['chmod', '644', HOSTS]);
  });

  it('has each while it is there, and the rest of the file as it was', async () => {
    await lab.add('web', { conf, aliases: ['www', 'example.com'] });
    const { stdout } = await lab.host.exec(['getent', 'hosts', 'www.flatnet']);
    expect(stdout).toMatch(/^10\.87\.1\.2\s+web\.flatnet www\.flatnet example\.com\.flatnet /);
    await lab.add('db', { conf });
    expect((await read(HOSTS)).match(/^10\.87\.1\.\d/gm)).toHaveLength(2);
    const under = ['sh', '-c', 'umask 077; exec "$0"'];
    const { exitCode } = await invoke(lab.host, 'DEL', {
      ...callFor('web', { conf }),
      netns: lab.box('web').path,
      under,
    });
    expect(exitCode).toBe(0);
    expect(await read(HOSTS)).not.toContain('web.flatnet');
    expect((await stat(lab.host.file(HOSTS))).mode & 0o777).toBe(0o644);
    await lab.remove('db', conf);
    expect(await read(HOSTS)).toBe(OWN);
  });

  it('has them where the file is a mount point or a link, and none where the network is removed', async () => {
    await define(conf);
    const { host } = lab;
    await host.run(['sh', '-c', `cp ${HOSTS} /run/hosts && mount --bind /run/hosts ${HOSTS}`]);
    await lab.add('web', { conf });
    expect(await read('/run/hosts')).toContain('10.87.1.2 web.flatnet');
    await host.run(['sh', '-c', `umount ${HOSTS} && ln -sf /run/hosts ${HOSTS}`]);
    await lab.add('db', { conf });
    expect(await read('/run/hosts')).toContain('10.87.1.3 db.flatnet');
    expect((await host.exec(['readlink', HOSTS])).stdout.trim()).toBe('/run/hosts');
    await host.run([EXECUTABLE, 'network', 'rm', '--force', 'flatnet']);
    expect(await read('/run/hosts')).toBe(OWN);
  });

  it('forgets a container whose server of names is dead, and everything that a reboot left', async () => {
    const { host } = lab;
    const latin1 = Buffer.from('10.1.1.1 mine # caf\xe9\n', 'latin1');
    await writeFile(host.file(HOSTS), latin1);
    for (const name of ['web', 'db']) await lab.add(name, { conf });
    await host.run(['sh', '-c', 'mount --bind /bin/false /usr/sbin/dnsmasq']);
    for (const pid of await lab.servers()) await host.run(['kill', '-KILL', String(pid)]);
    await lab.remove('web', conf);
    expect(await read(HOSTS)).toMatch(/^10\.87\.1\.3 db\.flatnet/m);
    expect(await read(HOSTS)).not.toContain('web.flatnet');
    await host.run(['rm', '--recursive', '/run/flatnet-names']);
    await host.run([EXECUTABLE, 'reload']);
    expect(await readFile(host.file(HOSTS))).toEqual(latin1);
  });

  it('misses them, and no container fails, where the file cannot be written', async () => {
    await lab.host.run(['sh', '-c', `rm ${HOSTS} && mkdir ${HOSTS}`]);
    await lab.add('web', { conf });
    expect(await lab.addressesOf('web')).toEqual(['10.87.1.2']);
    expect(await read('/var/log/flatnet/cni.log')).toContain(
      'Cannot let the host find containers of network',
    );
  });
});

describe('a host that is to find containers by systemd-resolved', () => {
  const conf = { names: { host: 'resolved' } };

  /** A program in its place that notes what it is told; the real one needs a systemd. */
  async function imitate(script: string): Promise<void> {
    await lab.host.run(['tee', '/usr/bin/resolvectl'], { input: `#!/bin/sh\n${script}\n` });
    await lab.host.run(['chmod', '755', '/usr/bin/resolvectl']);
  }

  beforeEach(async () => {
    await lab.dispose();
    lab = await createLab({ overlays: ['/usr/bin'] });
  });

  it('is told of server and domain once, again by "flatnet reload", and of their end', async () => {
    await define(conf);
    await imitate('echo "$@" >>/run/told');
    for (const name of ['web', 'db']) await lab.add(name, { conf });
    // The domain is first: a server without one would be asked for every name of the host, and asks the host in turn.
    const told = 'domain flatnet-br0 ~flatnet\ndns flatnet-br0 10.87.1.1\n';
    expect(await read('/run/told')).toBe(told);
    await lab.host.run([EXECUTABLE, 'reload']);
    expect(await read('/run/told')).toBe(told + told);
    for (const name of ['web', 'db']) await lab.remove(name, conf);
    expect(await read('/run/told')).toBe(`${told}${told}revert flatnet-br0\n`);
  });

  it('misses them, and no container fails, where it does not answer', async () => {
    await imitate('echo "Failed to connect to bus" >&2; exit 1');
    await lab.add('web', { conf });
    expect(await lab.addressesOf('web')).toEqual(['10.87.1.2']);
    expect(await read('/var/log/flatnet/cni.log')).toMatch(
      /Failed to connect to bus; start systemd-resolved \(package systemd-resolved\), then: sudo flatnet reload/,
    );
    await lab.remove('web', conf);
  });

  it('keeps no container waiting where it hangs', async () => {
    await imitate('exec sleep 60');
    const start = performance.now();
    await lab.add('web', { conf });
    expect(performance.now() - start).toBeLessThan(6_000);
    expect(await lab.addressesOf('web')).toEqual(['10.87.1.2']);
    await lab.remove('web', conf);
  });
});
