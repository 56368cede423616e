import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCommand } from '../../conformance/exec.ts';
import { ensureBuilt, EXECUTABLE } from '../executable.ts';
import { askOwn, DAEMON, eventually, fetchPage } from '../gateway/lab.ts';
import { type Container, createLab, type Lab } from './lab.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const SETTINGS = '/etc/flatnet/flatnetd.toml';

/** A stand-in for Podman, with one container that runs. */
function podman({ id, name }: Container): string {
  const listed = [
    { Id: id, Names: [name], Image: 'web', ImageID: '', State: 'running', Networks: ['flatnet'], Labels: {} },
  ];
  return `#!/bin/sh
case "$1 $2" in
'ps '*) echo '${JSON.stringify(listed)}' ;;
'container inspect') echo '${JSON.stringify([{ Id: id, Config: { ExposedPorts: { '80/tcp': {} } } }])}' ;;
events*) exec sleep 600 ;;
esac
`;
}

describe('flatnet gateway, on a machine without systemd', () => {
  let lab: Lab;
  let enabled: RunningCommand;

  beforeAll(async () => {
    await ensureBuilt(DAEMON);
    lab = await createLab();
    await lab.flatnet('install');
    const web = await lab.attach('wiki');
    web.sandbox.start(['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'], { timeoutMs: 600_000 });
    await lab.write('/usr/local/bin/podman', podman(web), 0o755);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('says before it is enabled what to type', async () => {
    const { exitCode, stderr } = await lab.flatnet('gateway', 'status');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Cannot ask flatnetd: it does not run');
    expect(stderr).toContain('sudo flatnet gateway enable');
  });

  it('is enabled by one command, which says where the page is and serves in the foreground', async () => {
    enabled = lab.host.start([EXECUTABLE, 'gateway', 'enable', '--yes'], {
      env: { PATH },
      timeoutMs: 600_000,
    });
    expect(await enabled.firstOutput).toContain(`wrote ${SETTINGS}`);
    const page = await eventually(
      () => fetchPage(lab.host, 'http://wiki.local/hostname'),
      ({ status }) => status === 200,
    );
    expect(page.body).not.toBe('');
    expect((await fetchPage(lab.host, 'http://localhost:8080/')).body).toContain('wiki.local');
  });

  it('shows how it fares, what it serves and why', async () => {
    const status = await lab.flatnet('gateway', 'status');
    expect(status).toMatchObject({ exitCode: 0, stderr: '' });
    expect(status.stdout).toMatch(/^nginx +1\.\d+\.\d+, /m);
    expect(status.stdout).toMatch(/^serves +1 route of 1 container$/m);
    const routes = await lab.flatnet('gateway', 'routes');
    expect(routes.stdout).toMatch(/^http:\/\/wiki\.local\/ +wiki +10\.87\.1\.2:80 +ready +/m);
    expect((await lab.json<readonly { id: string }[]>('gateway', 'routes')).map(({ id }) => id)).toEqual([
      'wiki',
    ]);
    expect((await lab.flatnet('explain', 'wiki')).stdout).toContain('10.87.1.2:80');
    const unknown = await lab.flatnet('explain', 'wikki.local');
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stdout).toContain('wiki.local');
  });

  it('refuses settings that it cannot read, and takes others over without a lost name', async () => {
    const before = (await askOwn(lab.host, '/api/health')).startedAt;
    await lab.write(SETTINGS, '[gateway]\nexpose = "some"\n');
    expect((await lab.flatnet('gateway', 'check')).stderr).toContain('"gateway.expose" is "some"');
    expect((await lab.flatnet('gateway', 'reload')).exitCode).toBe(2);
    expect((await askOwn(lab.host, '/api/health')).startedAt).toBe(before);
    await lab.write(SETTINGS, '[gateway]\nexpose = "labelled"\n');
    expect(await lab.flatnet('gateway', 'reload')).toMatchObject({ exitCode: 0, stderr: '' });
    await eventually(
      () => fetchPage(lab.host, 'http://wiki.local/hostname'),
      ({ status, body }) => status === 404 && body.includes('wiki.local'),
    );
  });

  it('is looked at by doctor, which names what is wrong', async () => {
    const gateway = async () => {
      const { checks } = await lab.json<{
        checks: readonly { category: string; status: string; message: string }[];
      }>('doctor');
      return checks.filter(({ category }) => category === 'Gateway');
    };
    expect(await gateway()).toMatchObject([
      { status: 'pass', message: expect.stringContaining('by nginx 1.') },
    ]);
    await lab.write(
      '/usr/local/bin/podman',
      '#!/bin/sh\necho "cannot open its database" >&2; exit 1\n',
      0o755,
    );
    await lab.run(
      'curl',
      '-s',
      '-X',
      'POST',
      '--unix-socket',
      '/run/flatnetd/api.sock',
      'http://localhost/api/reconcile',
    );
    expect(await gateway()).toMatchObject([
      { status: 'warning', message: expect.stringContaining('cannot open its database') },
    ]);
  });

  it('is disabled with its nginx, and leaves its settings', async () => {
    enabled.kill('SIGTERM');
    await enabled.result;
    expect((await fetchPage(lab.host, 'http://localhost/health')).body).toBe('OK');
    expect((await lab.flatnet('gateway', 'disable')).stdout).toContain('ended nginx');
    expect((await fetchPage(lab.host, 'http://localhost/health')).status).toBe(0);
    expect(await lab.read(SETTINGS)).toContain('labelled');
  });
});
