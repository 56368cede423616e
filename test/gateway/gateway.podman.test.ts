import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningCommand } from '../../conformance/exec.ts';
import { ensureBuilt, ensureExecutable } from '../executable.ts';
import { createMachine, IMAGE, type Machine } from '../podman/machine.ts';
import { FLATNET } from '../podman/networks.ts';
import { askOwn, DAEMON, eventually, fetchPage, startDaemon } from './lab.ts';

describe('the gateway, with Podman and nginx', () => {
  let machine: Machine;
  let daemon: RunningCommand;

  beforeAll(async () => {
    await ensureExecutable();
    await ensureBuilt(DAEMON);
    machine = await createMachine(FLATNET);
    daemon = await startDaemon(machine);
  });
  afterAll(async () => {
    daemon.kill('SIGTERM');
    await machine.dispose();
  });

  const page = (url: string) => fetchPage(machine.host, url);
  const served = (url: string) =>
    eventually(
      () => page(url),
      ({ status }) => status === 200,
    );

  it('serves a container by its name a moment after it has started, without any label', async () => {
    await machine.web('forgejo');
    expect((await served('http://forgejo.local/')).body).toBe('ok');
    expect((await page('http://forgejo.flatnet.local/')).body).toBe('ok');
  });

  it('serves it by its address, in both spellings, and no other address', async () => {
    const { IPAddress: address } = await machine.endpoint('forgejo');
    expect((await served(`http://${address}.flatnet.local/`)).body).toBe('ok');
    expect((await served(`http://${address.replaceAll('.', '-')}.flatnet.local/`)).body).toBe('ok');
    expect((await page('http://10.87.1.999.flatnet.local/')).status).toBe(404);
    expect((await page('http://10.87.2.2.flatnet.local/')).status).toBe(404);
  });

  it('answers /health on port 80 and /api/health on both ports', async () => {
    expect(await page('http://localhost/health')).toEqual({ status: 200, body: 'OK' });
    expect(await page('http://localhost/api/health')).toEqual({ status: 200, body: 'OK' });
    expect(await page('http://localhost:8080/api/health')).toEqual({ status: 200, body: 'OK' });
  });

  it('follows a container to its next life, and tells while it is stopped', async () => {
    await machine.succeed('stop', '--time=0', 'forgejo');
    const stopped = await eventually(
      () => page('http://forgejo.local/'),
      ({ status }) => status === 503,
    );
    expect(stopped.body).toMatch(/stopped/i);
    await machine.succeed('start', 'forgejo');
    expect((await served('http://forgejo.local/')).body).toBe('ok');
  });

  it('follows another container that takes over the name with another address, without a reload', async () => {
    const { generation } = await askOwn(machine.host, '/api/health');
    const { IPAddress: former } = await machine.endpoint('forgejo');
    await machine.succeed('rm', '--force', '--time=0', 'forgejo');
    await machine.succeed(
      'run',
      '--detach',
      '--name=holder',
      '--network=flatnet',
      `--ip=${former}`,
      IMAGE,
      'sleep',
      '600',
    );
    await machine.web('forgejo', '--network=flatnet', '--ip=10.87.1.77');
    expect((await served('http://forgejo.local/')).body).toBe('ok');
    expect((await askOwn(machine.host, '/api/explain?name=forgejo')).routes[0].address).toBe('10.87.1.77');
    expect((await askOwn(machine.host, '/api/health')).generation.served).toBeGreaterThanOrEqual(
      generation.served,
    );
  });

  it('says of a container without a port for browsers why it is not served', async () => {
    const answer = await eventually(
      () => askOwn(machine.host, '/api/explain?name=holder'),
      ({ outcome }) => outcome === 'not-served',
    );
    expect(answer.refusals.map(({ why }: { why: string }) => why)).toEqual(['no-web-port']);
  });

  it('forgets a container that was removed', async () => {
    await machine.succeed('rm', '--force', '--time=0', 'forgejo');
    const gone = await eventually(
      () => page('http://forgejo.local/'),
      ({ status }) => status === 404,
    );
    expect(gone.body).toContain('forgejo.local');
  });

  it('goes on serving while flatnetd does not run', async () => {
    await machine.web('wiki');
    await served('http://wiki.local/');
    daemon.kill('SIGKILL');
    await daemon.result;
    expect((await page('http://wiki.local/')).body).toBe('ok');
    daemon = await startDaemon(machine);
    expect((await page('http://wiki.local/')).body).toBe('ok');
  });
});
