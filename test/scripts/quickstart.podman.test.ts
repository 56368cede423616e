import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Clone, createClone } from './clone.ts';

const ROOT = join(import.meta.dirname, '../..');
const NETWORK = '/etc/cni/net.d/flatnet.conflist';

/** What is configured of Podman; its directory "networks" is its own doing. */
async function podmanFiles({ host }: Clone): Promise<readonly string[]> {
  return (await readdir(host.file('/etc/containers'))).filter((name) => name !== 'networks');
}

const NAMES = ['flatnet-quickstart-1', 'flatnet-quickstart-2', 'flatnet-quickstart-3'];

describe('scripts/quickstart.sh', () => {
  it('builds, installs, shows three addresses and fetched pages, and leaves only what it installed', async () => {
    await using clone = await createClone(false);
    const { host } = clone;
    const configured = await podmanFiles(clone);

    const { exitCode, stdout } = await clone.script('quickstart.sh');

    expect(exitCode, stdout).toBe(0);
    NAMES.forEach((name, index) => {
      expect(stdout).toContain(`${name}  10.87.1.${index + 2}\n`);
      expect(stdout).toContain(`host: http://10.87.1.${index + 2}/: Hello from ${name}\n`);
    });
    expect(stdout).toContain('flatnet-quickstart-1: http://10.87.1.3/: Hello from flatnet-quickstart-2\n');
    expect(stdout).toContain('flatnet-quickstart-1: flatnet-quickstart-2 is at 10.87.1.3\n');
    expect(await host.run(['/usr/local/bin/flatnet', '--version'])).toMatch(/^flatnet \d/);
    expect(await readFile(host.file(NETWORK), 'utf8')).toBe(
      await readFile(join(ROOT, 'examples/flatnet.conflist'), 'utf8'),
    );
    expect(await readdir(host.file('/opt/cni/bin'))).toEqual(['flatnet']);
    const configurations = (await readdir(host.file('/etc/cni/net.d'))).filter((name) => name !== 'cni.lock');
    expect(configurations).toEqual(['flatnet.conflist']);
    // A Podman 4 that nothing has told which networks to read is told.
    expect(await podmanFiles(clone)).toEqual(['containers.conf.d', ...configured].sort());
    expect(await readdir(host.file('/etc/containers/containers.conf.d'))).toEqual(['flatnet.conf']);
    expect(await clone.containers()).toEqual([]);
    expect(await clone.veths()).toBe('');
  });

  it('leaves the containers running with --keep, and starts them anew when run again', async () => {
    await using clone = await createClone(true);
    const { host } = clone;

    const kept = await clone.script('quickstart.sh', '--keep');

    expect(kept.exitCode, kept.stdout).toBe(0);
    expect((await clone.containers()).sort()).toEqual(NAMES);
    expect(
      await host.run(['busybox', 'timeout', '5', 'busybox', 'wget', '-q', '-O', '-', 'http://10.87.1.4/']),
    ).toBe('Hello from flatnet-quickstart-3\n');
    expect(kept.stdout).toContain(`podman rm --force ${NAMES.join(' ')}`);
    expect(await clone.script('quickstart.sh')).toMatchObject({ exitCode: 0 });
    expect(await clone.containers()).toEqual([]);
    expect(await clone.veths()).toBe('');
  });

  it('says what failed and what to do, and leaves no container', async () => {
    await using clone = await createClone(true);
    const { host } = clone;
    await host.run(['ip', 'tuntap', 'add', 'dev', 'flatnet-br0', 'mode', 'tap']);

    const { exitCode, stdout } = await clone.script('quickstart.sh');

    expect(exitCode).toBe(1);
    expect(stdout).toContain('"flatnet-br0" exists but is not a bridge');
    expect(stdout).toContain('Cannot finish "Starting three containers". The message names cause and remedy');
    expect(await clone.containers()).toEqual([]);
    expect(await clone.veths()).toBe('');
  });

  it('leaves a network configuration of the user as it is, and says so', async () => {
    await using clone = await createClone(true);
    const { host } = clone;
    const example = await readFile(join(ROOT, 'examples/flatnet.conflist'), 'utf8');
    const own = example.replaceAll('10.87.1.', '10.87.9.');
    await mkdir(host.file('/etc/cni/net.d'));
    await writeFile(host.file(NETWORK), own);

    const { exitCode, stdout } = await clone.script('quickstart.sh');

    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain(
      `kept       ${NETWORK}\n               it differs from the text that flatnet would write`,
    );
    expect(stdout).toContain('flatnet-quickstart-1  10.87.9.2');
    expect(await readFile(host.file(NETWORK), 'utf8')).toBe(own);
  });

  it('says that it needs root, and does not begin without', async () => {
    await using clone = await createClone(true);
    const { host } = clone;
    await host.run(['chmod', '-R', 'a+rX', clone.directory]);
    const words = ['setpriv', '--reuid=65534', join(clone.directory, 'scripts/quickstart.sh')];
    const refused = await host.exec(words);

    expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('run "sudo ') });
  });

  it.each(['--keep', ''])(
    'ends at a signal while containers start, and leaves none: "%s"',
    async (option) => {
      await using clone = await createClone(true);
      const { host, env, directory } = clone;
      const words = [join(directory, 'scripts/quickstart.sh'), ...(option === '' ? [] : [option])];
      const running = host.start(words, { env: { ...env, TMPDIR: '/dev/shm' }, timeoutMs: 120_000 });
      await expect.poll(() => clone.containers(), { timeout: 60_000 }).toContain(NAMES[0]);
      running.kill('SIGINT');
      const { exitCode, stdout } = await running.result;

      expect(exitCode, stdout).toBe(130);
      expect(stdout).toContain('interrupted\n');
      expect(await clone.containers()).toEqual([]);
      expect(await clone.veths()).toBe('');
      expect(await readdir(host.file('/dev/shm'))).not.toContainEqual(expect.stringMatching(/^tmp\./));
    },
  );
});
