import { execa } from 'execa';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PLAIN_ENVIRONMENT, type ExecResult } from '../../conformance/exec.ts';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

const SOURCES = '/usr/share/gocode';
const CONFLIST = join(import.meta.dirname, '../../examples/flatnet.conflist');

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
const canBuild =
  (await exists('/usr/bin/go')) && (await exists(`${SOURCES}/src/github.com/containernetworking/cni/libcni`));

// Debian: golang-go, golang-github-appc-cni-dev.
describe.skipIf(!canBuild)('libcni, the library that container runtimes call plugins with', () => {
  let directory: string;
  let host: Host;
  let sandbox: Sandbox;

  beforeAll(async () => {
    await ensureExecutable();
    directory = await mkdtemp(join(tmpdir(), 'libcni-'));
    const env = { GO111MODULE: 'off', GOPATH: SOURCES, GOCACHE: join(directory, 'cache'), CGO_ENABLED: '0' };
    const source = join(import.meta.dirname, 'libcni-client.go');
    await execa('/usr/bin/go', ['build', '-o', join(directory, 'client'), source], { cwd: directory, env });
    host = await createHost();
    sandbox = await host.addSandbox();
  }, 120_000);
  afterAll(async () => {
    await host.dispose();
    await rm(directory, { recursive: true });
  });

  const client = (verb: string): Promise<ExecResult> =>
    host.exec([join(directory, 'client'), verb, CONFLIST, 'container', sandbox.path, 'eth0'], {
      env: { ...PLAIN_ENVIRONMENT, CNI_PATH: dirname(EXECUTABLE) },
    });

  test('adds, checks and deletes an attachment, and takes every answer', async () => {
    const added = await client('add');
    expect(JSON.parse(added.stdout)).toMatchObject({
      cniVersion: '1.0.0',
      interfaces: [{ name: 'flatnet-br0' }, {}, { name: 'eth0', sandbox: sandbox.path }],
      ips: [{ address: '10.87.1.2/24', gateway: '10.87.1.1', interface: 2 }],
    });
    expect(await client('check')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(await client('del')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(await client('del')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('hands on what CHECK finds', async () => {
    await client('add');
    await sandbox.run(['ip', 'address', 'flush', 'dev', 'eth0']);
    const { exitCode, stderr } = await client('check');

    expect(exitCode).toBe(1);
    expect(stderr).toContain('10.87.1.2');
    await client('del');
  });
});
