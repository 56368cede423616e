import { access, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { howItEnded } from '../../conformance/exec.ts';
import { createHost, type Host } from '../../conformance/host.ts';
import { compareSnapshots } from '../../conformance/snapshot.ts';

let host: Host;

beforeEach(async () => {
  host = await createHost();
});

afterEach(() => host.dispose());

const linkNames = async (place: Pick<Host, 'run'>): Promise<string[]> =>
  (await place.run(['ls', '/sys/class/net'])).split('\n').filter(Boolean);

/** False for a process that is gone or waits for somebody to ask how it ended. */
async function isRunning(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !/\) Z/.test(stat);
}

describe('createHost()', () => {
  test('gives a network of its own, seen alike through ip and /sys', async () => {
    await host.run(['ip', 'link', 'add', 'br-private', 'type', 'bridge']);

    expect(await linkNames(host)).toEqual(expect.arrayContaining(['br-private', 'lo']));
    expect(await readdir('/sys/class/net')).not.toContain('br-private');
    expect(await host.run(['ip', '-br', 'address', 'show', 'dev', 'lo'])).toContain('127.0.0.1/8');
  });

  test('gives empty state directories, which this process reaches by file()', async () => {
    await host.run(['touch', '/var/lib/made-inside']);
    await writeFile(host.file('/var/log/made-outside'), 'text');

    expect(await readdir(host.file('/var/lib'))).toEqual(['made-inside']);
    expect(await host.run(['cat', '/var/log/made-outside'])).toBe('text');
    await expect(access('/var/lib/made-inside')).rejects.toThrow('ENOENT');
    await expect(access('/var/log/made-outside')).rejects.toThrow('ENOENT');
  });

  test('keeps control groups in view when asked, and its own links with them', async () => {
    await using withCgroups = await createHost({ cgroups: true, tmpfs: ['/opt'] });

    expect((await withCgroups.run(['ls', '/sys/fs/cgroup'])).trim()).not.toBe('');
    expect(await linkNames(withCgroups)).toContain('lo');
    expect(await withCgroups.run(['ls', '/opt'])).toBe('');
  });
});

describe('exec()', () => {
  test('hands over input and exactly the given environment', async () => {
    const echoed = await host.exec(['cat'], { input: '{"a":1}' });
    const listed = await host.exec(['/usr/bin/env'], { env: { CNI_COMMAND: 'ADD' } });

    expect(echoed).toMatchObject({ exitCode: 0, signal: null, timedOut: false, stdout: '{"a":1}' });
    expect(listed.stdout).toBe('CNI_COMMAND=ADD\n');
  });

  test('ends a command that takes too long, with what it started', async () => {
    const ended = await host.exec(['sh', '-c', 'sleep 1000 & echo $!; sleep 1000'], { timeoutMs: 200 });

    expect(ended).toMatchObject({ exitCode: null, signal: 'SIGKILL', timedOut: true });
    await expect(readlink(`/proc/${ended.stdout.trim()}/ns/net`)).rejects.toThrow('ENOENT');
  });

  test('does not wait for what left the group of a command that ended, and holds its output open', async () => {
    const ended = await host.exec(['sh', '-c', 'echo said; setsid sleep 1000 &']);

    expect(ended).toMatchObject({ exitCode: null, timedOut: true, heldOpen: true, stdout: 'said\n' });
    expect(howItEnded(ended)).toContain('it left a process that holds stdout open');
  });

  test('does not wait for what left the group of a command that took too long', async () => {
    const argv = ['sh', '-c', 'setsid sleep 1000 & exec sleep 1000'];

    expect(await host.exec(argv, { timeoutMs: 200 })).toMatchObject({ timedOut: true, heldOpen: false });
  });

  test('reports a command that does not exist as the shell does', async () => {
    expect(await host.exec(['no-such-command'])).toMatchObject({ exitCode: 127 });
  });
});

describe('run()', () => {
  test('throws with the command, its exit code and its words', async () => {
    await expect(host.run(['ip', 'link', 'show', 'absent0'])).rejects.toThrow(
      /exit code 1: .*ip link show absent0\nDevice "absent0" does not exist/,
    );
  });
});

describe('addSandbox()', () => {
  test('gives a namespace without links, under the path a runtime would pass', async () => {
    const first = await host.addSandbox();
    const second = await host.addSandbox('named');

    expect([first.path, second.path]).toEqual(['/run/netns/sandbox1', '/run/netns/named']);
    expect(await linkNames(host)).toEqual(['lo']);
    await first.run(['ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1']);
    expect(await first.snapshot()).toContain('link eth0 veth mtu 1500');
    expect(await second.snapshot()).toEqual(['link lo device mtu 65536']);
    await first.remove();
    expect((await host.exec(['ls', first.path])).exitCode).not.toBe(0);
  });
});

describe('snapshot()', () => {
  test('is the same twice, and names whatever was added between', async () => {
    const before = await host.snapshot();
    expect(await host.snapshot()).toEqual(before);

    await host.run(['ip', 'link', 'add', 'br0', 'type', 'bridge']);
    await host.run(['ip', 'address', 'add', '10.1.2.3/24', 'dev', 'br0']);
    await host.run(['ip', 'link', 'set', 'dev', 'br0', 'up']);
    await host.run(['ip', 'route', 'add', '10.9.0.0/16', 'via', '10.1.2.4']);
    await host.run([
      'iptables',
      '-A',
      'FORWARD',
      '-s',
      '10.1.2.0/24',
      '-m',
      'comment',
      '--comment',
      'mine',
      '-j',
      'ACCEPT',
    ]);
    await host.run(['nft', '-f', '-'], {
      input:
        'table ip t { map m { type inet_service : verdict; elements = { 80 : accept }\n }\n chain c { ip saddr 10.1.2.3 counter accept\n }\n}\n',
    });
    const { added, removed } = compareSnapshots(before, await host.snapshot());

    expect(removed).toEqual([]);
    expect(added).toEqual(
      expect.arrayContaining([
        'link br0 bridge mtu 1500',
        'address 10.1.2.3/24 dev br0',
        'route 10.9.0.0/16 via 10.1.2.4 dev br0',
        'iptables -t filter -A FORWARD -s 10.1.2.0/24 -m comment --comment mine -j ACCEPT',
        'nft element of t m [80,{"accept":null}]',
        expect.stringContaining('nft rule {"family":"ip","table":"t","chain":"c"'),
      ]),
    );
  });
});

describe('dispose()', () => {
  test('ends everything that still runs in the host, and may be called again', async () => {
    const left = host.start(['sleep', '1000']);
    await host.dispose();
    await host.dispose();

    expect((await left.result).signal).toBe('SIGKILL');
    await expect(readFile(`/proc/${host.pid}/comm`)).rejects.toThrow('ENOENT');
  });

  test('ends what its processes started in namespaces of their own', async () => {
    const runtime = host.start(['sh', '-c', 'unshare --mount --net sleep 1000 & echo $!; wait']);
    const container = (await runtime.firstOutput).trim();
    await expect.poll(() => readlink(`/proc/${container}/exe`)).toMatch(/sleep/);
    await host.dispose();

    await expect.poll(() => isRunning(container)).toBe(false);
  });
});
