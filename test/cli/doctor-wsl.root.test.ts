import { expect, test } from 'vitest';
import { attach } from '../fixtures/plugin.ts';
import { addOutside, HOST_ADDRESS, serve } from '../fixtures/traffic.ts';
import { applyProfile } from '../profiles/apply.ts';
import { doctor, goodLab, troubles } from './examination.ts';
import { CONFLIST, createLab, type Lab } from './lab.ts';

/** A machine that Windows runs, with systemd, and with one network that serves. */
async function wslLab(): Promise<Lab> {
  const lab = await goodLab();
  await addOutside(lab.host);
  await applyProfile(lab.host, 'wsl-6.18');
  await lab.run('mkdir', '-p', '/run/systemd/system');
  await lab.write('/etc/wsl.conf', '[boot]\nsystemd=true\n');
  return lab;
}

const ofWsl = (report: Awaited<ReturnType<typeof doctor>>) =>
  report.checks
    .filter(({ category }) => category === 'WSL')
    .map(({ name, message }) => `${name}: ${message}`);

test('doctor names mode NAT and the route, by the address that packets leave with', async () => {
  await using lab = await wslLab();
  // What "hostname -I" lists first need not be it.
  await lab.run('ip', 'address', 'add', '10.1.1.1/24', 'dev', 'lo');
  const report = await doctor(lab);
  expect(troubles(report)).toEqual([]);
  expect(ofWsl(report)).toEqual([
    expect.stringMatching(/^networking mode: nat: /),
    'forwarding after restart: forwarding is restored at boot',
    expect.stringContaining(`route add 10.87.1.0 mask 255.255.255.0 ${HOST_ADDRESS};`),
  ]);
});

test('doctor knows mirrored mode by its link, and what wslinfo says before that', async () => {
  await using lab = await wslLab();
  await lab.run('ip', 'link', 'add', 'loopback0', 'type', 'veth', 'peer', 'name', 'loopback1');
  const mirrored = ofWsl(await doctor(lab)).join('\n');
  expect(mirrored).toContain('networking mode: mirrored: ');
  expect(mirrored).not.toContain('route add');
  await lab.write(
    '/usr/local/bin/wslinfo',
    '#!/bin/sh\n[ "$1" = --networking-mode ] && echo bridged\n',
    0o755,
  );
  const bridged = ofWsl(await doctor(lab)).join('\n');
  expect(bridged).toContain('networking mode: bridged: ');
  expect(bridged).toContain(`route add 10.87.1.0 mask 255.255.255.0 ${HOST_ADDRESS}`);
});

test('doctor says which published port nothing listens on, until something does', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  await addOutside(lab.host);
  const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
  await attach(lab.host, await lab.host.addSandbox(), { conf: { ipMasq: true, runtimeConfig } });
  await applyProfile(lab.host, 'wsl-6.18');
  await lab.run('mkdir', '-p', '/run/systemd/system');
  expect(troubles(await doctor(lab))).toEqual([
    'WSL/windows localhost: nothing listens over IPv4 on published port 8080',
  ]);
  await serve(lab.host, { port: 8080, answer: 'held' });
  expect(troubles(await doctor(lab))).toEqual([]);
});

test('doctor lists what the kernel lacks, as trouble where a network asks for it', async () => {
  await using lab = await wslLab();
  await applyProfile(lab.host, 'wsl-5.15');
  const kernel = async () => (await doctor(lab)).checks.find(({ name }) => name === 'kernel');
  expect(await kernel()).toMatchObject({
    status: 'skipped',
    message: expect.stringMatching(/sch_tbf is missing.*NF_CT_PROTO_SCTP is missing.*"wsl --update"/),
  });
  const limits = '"ipMasq": true, "ingressRate": 8000000, "ingressBurst": 800000';
  await lab.write(CONFLIST, (await lab.read(CONFLIST)).replace('"ipMasq": true', limits));
  expect(await kernel()).toMatchObject({
    status: 'fail',
    suggestion: expect.stringContaining('"wsl --update"'),
  });
});
