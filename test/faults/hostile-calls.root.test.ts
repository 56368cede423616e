import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import {
  CONF,
  CONTAINER,
  createMachine,
  environment,
  expectError,
  expectSuccess,
  type Machine,
} from './machine.ts';

let machine: Machine;
let before: readonly string[];

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine();
  before = await machine.state();
});

afterAll(() => machine[Symbol.asyncDispose]());

/** The plugin in the host, through a shell that arranges its descriptors. */
const shell = (script: string, { verb = 'ADD', input = JSON.stringify(CONF) } = {}) =>
  machine.host.exec(['sh', '-c', script.replaceAll('FLATNET', EXECUTABLE)], {
    env: environment(verb, machine.sandbox.path, {}),
    input,
    timeoutMs: 40_000,
  });

/** 4 s of patience, and what a busy machine adds. */
const IN_TIME_MS = 20_000;

const nested = (depth: number) =>
  `{"cniVersion":"1.0.0","name":"x","type":"flatnet","a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

describe('flatnet answers with one error document', () => {
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'add', 'ADD ', '\u001b[31m'])(
    'to CNI_COMMAND %j, which is no verb',
    async (verb) => {
      const answer = await machine.call(verb);
      expectError(answer, 4);
      expect(answer.stdout).not.toContain('\u001b');
    },
  );

  test.each([
    ['nothing', '', 6],
    ['no JSON', '{', 6],
    ['a JSON list', '[]', 6],
    ['null', 'null', 6],
    ['a NUL byte', '\0', 6],
    ['nesting of 100,000 levels', nested(100_000), 6],
    ['nesting of 1,000,000 levels that never ends', '['.repeat(1_000_000), 6],
    ['a number beyond all numbers', '{"cniVersion":"1.0.0","name":"x","mtu":1e400}', 7],
    ['a name from the prototype', '{"cniVersion":"1.0.0","__proto__":{"name":"x"}}', 7],
    ['a version of 1 MB', JSON.stringify({ name: 'x', cniVersion: '9'.repeat(1_000_000) }), 1],
    ['a data directory with a NUL byte', JSON.stringify({ ...CONF, ipam: { dataDir: '/a\0b' } }), 7],
    ['an IPAM plugin that is a directory', JSON.stringify({ ...CONF, ipam: { type: '..' } }), 7],
  ])('to %s on stdin', async (_name, input, code) => {
    const answer = await machine.call('ADD', { input });
    expectError(answer, code);
    expect(answer.stdout.length).toBeLessThan(8_000);
  });

  test('to bytes that are no UTF-8', async () => {
    expectError(asAnswer(await shell(`printf '{"name":"\\377\\376","cniVersion":"1.0.0"}' | FLATNET`)), 7);
  });

  test.each([
    ['CNI_CONTAINERID', '../../etc'],
    ['CNI_CONTAINERID', '-rf'],
    ['CNI_CONTAINERID', 'x'.repeat(200)],
    ['CNI_CONTAINERID', 'ünïcode'],
    ['CNI_IFNAME', 'eth0;reboot'],
    ['CNI_IFNAME', '-batch'],
    ['CNI_IFNAME', '../eth0'],
    ['CNI_IFNAME', 'all'],
    ['CNI_IFNAME', 'default'],
    ['CNI_IFNAME', 'sixteen-bytes-xx'],
    ['CNI_ARGS', 'novalue'],
    ['CNI_ARGS', '=x'],
  ])('to %s=%j', async (name, value) => {
    expectError(await machine.call('ADD', { env: { [name]: value } }), 4);
  });

  test.each([
    ['is a file', '/etc/hostname'],
    ['is a directory', '/etc'],
    ['is the host', '/proc/self/ns/net'],
    ['is a namespace of another kind', '/proc/self/ns/mnt'],
    ['is not there', '/run/netns/absent'],
    ['is a device', '/dev/zero'],
    ['is a number', '17'],
  ])('to a CNI_NETNS that %s', async (_name, netns) => {
    expectError(await machine.call('ADD', { netns }), 103);
  });

  test('to a CNI_NETNS that is a fifo nobody writes to', async () => {
    await machine.host.run(['mkfifo', '/run/fifo']);
    expectError(await machine.call('ADD', { netns: '/run/fifo' }), 103);
    await machine.host.run(['rm', '/run/fifo']);
  });

  test('to a NODE_OPTIONS, PATH and NODE_PATH that point at traps, by not looking', async () => {
    await machine.host.run(['mkdir', '/run/trap']);
    await machine.host.run(['sh', '-c', 'printf "#!/bin/sh\\ntouch /run/trapped\\n" > /run/trap/ip']);
    await machine.host.run(['chmod', '755', '/run/trap/ip']);
    await machine.host.run(['sh', '-c', 'cp /run/trap/ip /run/trap/nft; cp /run/trap/ip /run/trap/nsenter']);
    const env = { PATH: '/run/trap', NODE_OPTIONS: '--require=/run/trap/x.js', NODE_PATH: '/run/trap' };
    expectSuccess(await machine.call('ADD', { env }));
    expectSuccess(await machine.call('DEL', { env }));
    expect((await machine.host.exec(['ls', '/run/trapped'])).exitCode).not.toBe(0);
    await machine.host.run(['rm', '-r', '/run/trap']);
  });
});

const asAnswer = (ended: Awaited<ReturnType<typeof shell>>) => {
  let document: Record<string, unknown> | undefined;
  try {
    document = JSON.parse(ended.stdout) as Record<string, unknown>;
  } catch {
    document = undefined;
  }
  return { ...ended, document };
};

// Each waits for seconds; none gets as far as to attach.
describe.concurrent('flatnet does not wait for ever', () => {
  test('for a stdin that nobody closes', async () => {
    const ended = await shell('mkfifo /run/in; exec 5<>/run/in; FLATNET <&5');
    expectError(asAnswer(ended), 5);
    expect(ended.ms).toBeLessThan(IN_TIME_MS);
  });

  test('for a stdin that is a socket, as Node hands over, and nobody closes', async () => {
    const entry = ['--target', String(machine.host.pid), '--net', '--mount', '--', EXECUTABLE];
    const ended = await execa('nsenter', entry, {
      env: environment('ADD', machine.sandbox.path, {}),
      extendEnv: false,
      stdin: 'pipe',
      reject: false,
      timeout: IN_TIME_MS,
    });
    expect(ended.timedOut).toBe(false);
    expect(JSON.parse(ended.stdout)).toMatchObject({ code: 5 });
  });

  test('for the end of an endless stdin', async () => {
    const ended = await shell('FLATNET < /dev/zero');
    expectError(asAnswer(ended), 5);
    expect(ended.ms).toBeLessThan(IN_TIME_MS);
  });

  test('for the end of a stdin of 1 GB', async () => {
    const ended = await shell(`head -c 1G /dev/zero | tr '\\0' ' ' | FLATNET`);
    expectError(asAnswer(ended), 5);
    expect(ended.ms).toBeLessThan(IN_TIME_MS);
  });

  test('for single bytes on stdin, nor keeps a page for each', async () => {
    const script =
      'yes "" | head -c 3000000 | dd ibs=1 obs=1 2>/dev/null | (ulimit -v 9000000; FLATNET) || true';
    expectError(asAnswer(await shell(`${script}; exit 1`)));
  });

  test('for a runtime that does not read a large result', async () => {
    const interfaces = Array.from({ length: 4000 }, (_unused, index) => ({ name: `other${index}` }));
    const conf = JSON.stringify({ ...CONF, prevResult: { cniVersion: '1.0.0', interfaces } });
    const script = 'mkfifo /run/out; exec 5<>/run/out; FLATNET >&5; echo $? > /run/exit';
    const ended = await shell(script, { input: conf });
    expect(ended.timedOut).toBe(false);
    expect(await machine.host.run(['cat', '/run/exit'])).toBe('1\n');
    await machine.host.run(['rm', '/run/exit', '/run/out']);
    expect(await machine.state()).toEqual(before);
  });
});

describe('an ADD whose result nobody can take', () => {
  test('leaves nothing when stdout is closed at the other end', async () => {
    await shell('mkfifo /run/out; exec 5<>/run/out 6>/run/out 5<&-; FLATNET >&6; echo $? > /run/exit');
    expect(await machine.host.run(['cat', '/run/exit'])).toBe('1\n');
    await machine.host.run(['rm', '/run/exit', '/run/out']);
    expect(await machine.state()).toEqual(before);
  });

  test('leaves nothing when stdout is a full device', async () => {
    const ended = await shell('FLATNET > /dev/full');
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toBe('');
    expect(await machine.state()).toEqual(before);
  });

  test('VERSION to a closed stdout fails without a stack trace', async () => {
    const ended = await shell('FLATNET > /dev/full', { verb: 'VERSION' });
    expect(ended).toMatchObject({ exitCode: 1, stderr: '' });
  });
});

describe('hostile calls', () => {
  test('leave nothing behind', async () => {
    expect(await machine.state()).toEqual(before);
  });

  test('do not keep the next container from its network', async () => {
    expectSuccess(await machine.call('ADD'));
    expectSuccess(await machine.call('DEL', { netns: null }));
    expectSuccess(await machine.call('DEL', { containerID: CONTAINER, netns: null }));
    expect(await machine.state()).toEqual(before);
  });
});
