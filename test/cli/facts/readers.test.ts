import { expect, test } from 'vitest';
import { parseTable } from '../../../src/sys/containers-conf.ts';
import { parseLog, parseLogLine } from '../../../src/cli/facts/log.ts';
import { parseVersionAnswer } from '../../../src/cli/facts/plugin.ts';
import { parseContainers, parseInfo } from '../../../src/cli/facts/podman.ts';
import { parseWslConf } from '../../../src/cli/facts/wsl.ts';

test('parseContainers() reads what podman ps prints', () => {
  const json = JSON.stringify([
    {
      Id: 'abc',
      Names: ['web1'],
      Image: 'localhost/web:latest',
      State: 'running',
      StartedAt: 1_700_000_000,
      Networks: ['flatnet'],
      Ports: [
        { host_ip: '', container_port: 80, host_port: 8080, range: 1, protocol: 'tcp' },
        { host_ip: '::1', container_port: 90, host_port: 9000, range: 3, protocol: 'udp' },
      ],
    },
    { Id: 'def', Names: ['new'], State: 'created', StartedAt: -62_135_596_800, Networks: null, Ports: null },
  ]);
  expect(parseContainers(json)).toEqual([
    {
      id: 'abc',
      name: 'web1',
      image: 'localhost/web:latest',
      state: 'running',
      startedAt: 1_700_000_000,
      networks: ['flatnet'],
      ports: ['0.0.0.0:8080->80/tcp', '[::1]:9000-9002->90-92/udp'],
      portMappings: [
        { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
        { hostPort: 9000, containerPort: 90, protocol: 'udp', hostIP: '::1' },
        { hostPort: 9001, containerPort: 91, protocol: 'udp', hostIP: '::1' },
        { hostPort: 9002, containerPort: 92, protocol: 'udp', hostIP: '::1' },
      ],
    },
    {
      id: 'def',
      name: 'new',
      image: '',
      state: 'created',
      startedAt: 0,
      networks: [],
      ports: [],
      portMappings: [],
    },
  ]);
});

test('parseInfo() finds the network backend', () => {
  const json =
    '{"host":{"networkBackend":"netavark","security":{"rootless":true}},"version":{"Version":"4.3.1"}}';
  expect(parseInfo(json)).toEqual({ version: '4.3.1', networkBackend: 'netavark', isRootless: true });
});

test('parseTable() reads the network table of containers.conf alone', () => {
  expect(parseTable('[engine]\nruntime = "runc"\n[network]\nnetwork_backend = "cni"\n', 'network')).toEqual({
    network_backend: 'cni',
  });
  expect(parseTable('', 'network')).toEqual({});
  expect(() => parseTable('[network\n', 'network')).toThrow();
});

test('parseLogLine() takes what is no log line for none', () => {
  expect(['', '{', '[]', '{"time":"soon"}', '"x"'].map(parseLogLine)).toEqual(Array(5).fill(undefined));
});

test('parseLog() reads lines that lack almost everything', () => {
  expect(parseLog('{"time":"2026-01-31T12:00:00.000Z"}\ntorn{\n')).toMatchObject([
    { verb: '', msg: '', addresses: [], ms: undefined },
  ]);
});

test('parseVersionAnswer() tells an answer from anything else', () => {
  expect(parseVersionAnswer('{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}')).toEqual([
    '0.4.0',
    '1.0.0',
  ]);
  for (const text of ['', 'oops', '{}', '{"supportedVersions":"1.0.0"}', 'null']) {
    expect(parseVersionAnswer(text)).toBeUndefined();
  }
});

test('parseWslConf() reads the boot section', () => {
  expect(parseWslConf('# systemd=true\n[network]\nsystemd=true\n')).toEqual({
    hasSystemd: false,
    bootCommand: undefined,
  });
  expect(
    parseWslConf('[Boot]\n systemd = True \ncommand="/opt/cni/bin/flatnet forwarding enable"\n'),
  ).toEqual({
    hasSystemd: true,
    bootCommand: '/opt/cni/bin/flatnet forwarding enable',
  });
});
