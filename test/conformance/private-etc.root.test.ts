import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';

const HOST_MODULE = join(import.meta.dirname, '../../conformance/host.ts');

/** What a machine may have that flatnet, Podman and CNI runtimes read or write. */
const FILES = [
  '/etc/cni/net.d/flatnet.conflist',
  '/etc/containers/containers.conf',
  '/etc/containers/containers.conf.d/own.conf',
  '/etc/containers/storage.conf',
  '/etc/iptables/rules.v4',
  '/etc/logrotate.d/flatnet',
  '/etc/sysctl.conf',
  '/etc/sysctl.d/99-flatnet.conf',
  '/etc/systemd/system/flatnet-forwarding.service',
  '/etc/systemd/system/multi-user.target.wants/flatnet-forwarding.service',
  '/etc/wsl.conf',
  '/run/flatnet/attachment-x',
  '/run/systemd/system/x',
  '/var/lib/cni/networks/flatnet/10.87.1.2',
  '/var/lib/flatnet/ipam/allocations.json',
  '/var/log/flatnet/cni.log',
];

/** Makes hosts in hosts, and runs the words in the innermost. */
const NESTED = `
const { createHost } = await import(${JSON.stringify(HOST_MODULE)});
const [levels, ...words] = process.argv.slice(1);
const host = await createHost();
const self = [process.execPath, '--input-type=module', '-e', process.env.NESTED, String(levels - 1), ...words];
process.stdout.write(await host.run(levels > 1 ? self : words, { env: process.env }));
await host.dispose();
`;

async function inHostsWithin(host: Host, levels: number, ...words: readonly string[]): Promise<string> {
  const node = [process.execPath, '--input-type=module', '-e', NESTED, String(levels)];
  const env = { PATH: process.env['PATH'] ?? '', NESTED };
  return host.run([...node, ...words], { env });
}

async function createPoisoned(): Promise<Host> {
  const host = await createHost();
  const script = 'for file; do mkdir -p "$(dirname "$file")"; echo poison >"$file"; done';
  await host.run(['sh', '-c', script, 'sh', ...FILES]);
  return host;
}

/** All that the machine has at these paths, with the time of the last change. */
const contentOf = (host: Host) =>
  host.run(['find', '/etc', '/run', '/var/lib', '/var/log', '-printf', '%p %s %T@ %C@\n']);

// A kernel stacks two overlays; the third host has a copy.
test.each([1, 3])(
  'createHost() shows nothing of what is configured on the machine, and writes nothing there: %i deep',
  async (levels) => {
    await using host = await createPoisoned();
    const before = await contentOf(host);
    const script = `
for file; do [ ! -e "$file" ] || echo "sees $file"; done
for file; do mkdir -p "$(dirname "$file")" && echo written >"$file" && cat "$file"; done
grep -rl poison /etc
grep -c root /etc/passwd`;
    const said = await inHostsWithin(host, levels, 'sh', '-c', script, 'sh', ...FILES);
    expect(said.trim().split('\n')).toEqual([...FILES.map(() => 'written'), '1']);
    expect(await contentOf(host)).toBe(before);
  },
);

test('what a host tells its syslog is not in that of the machine', async () => {
  await using host = await createHost({ tmpfs: ['/dev'] });
  for (const [name, minor] of Object.entries({ null: '3', urandom: '9' })) {
    await host.run(['mknod', '-m', '666', `/dev/${name}`, 'c', '1', minor]);
  }
  const daemon = host.start(['busybox', 'syslogd', '-n', '-O', '/run/messages'], { timeoutMs: 60_000 });
  await vi.waitFor(() => host.run(['test', '-S', '/dev/log']), { timeout: 5_000, interval: 20 });
  await inHostsWithin(host, 1, 'busybox', 'logger', 'from inside');
  await host.run(['busybox', 'logger', 'from outside']);
  await vi.waitFor(
    async () => {
      expect(await readFile(host.file('/run/messages'), 'utf8')).toContain('from outside');
    },
    { timeout: 5_000, interval: 20 },
  );
  expect(await readFile(host.file('/run/messages'), 'utf8')).not.toContain('from inside');
  daemon.kill('SIGTERM');
  await daemon.result;
});
