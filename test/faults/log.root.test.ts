import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { isPlainWay } from '../plain/way.ts';
import { CONF, CONTAINER, createMachine, expectError, expectSuccess, type Machine } from './machine.ts';

const LOG = '/var/log/flatnet/cni.log';
let machine: Machine;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine();
});

beforeEach(() =>
  machine.host.run(['sh', '-c', 'umount /var/log/flatnet 2>/dev/null; rm -rf /var/log/flatnet']),
);

afterAll(() => machine[Symbol.asyncDispose]());

async function entries(): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(machine.host.file(LOG), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function addAndDelete(env: Record<string, string> = {}): Promise<void> {
  expectSuccess(await machine.call('ADD', { env }));
  expectSuccess(await machine.call('DEL', { env }));
}

describe('the log', () => {
  test('has one line per call, which tells who, what and how long', async () => {
    await addAndDelete({ CNI_ARGS: 'K8S_POD_NAME=web;SECRET=hunter2', PASSWORD: 'hunter2' });

    const [add, del] = await entries();
    expect(add).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      level: 'info',
      verb: 'ADD',
      network: 'flatnet',
      containerID: CONTAINER,
      containerName: 'web',
      ifname: 'eth0',
      addresses: ['10.87.1.2'],
      ms: expect.any(Number),
      steps: Object.fromEntries(
        ['start', 'request', 'ipam', 'connect', 'rules', 'sandbox', 'configure'].map((step) => [
          step,
          expect.any(Number),
        ]),
      ),
    });
    expect(add).not.toHaveProperty('commands');
    expect(del).toMatchObject({ verb: 'DEL', addresses: ['10.87.1.2'] });
    expect(await readFile(machine.host.file(LOG), 'utf8')).not.toContain('hunter2');
    expect((await machine.host.run(['stat', '-c', '%a %a', '/var/log/flatnet', LOG])).trim()).toBe(
      '750 750\n640 640',
    );
  });

  test('has the code, the message and the requests of a failed call, with what the kernel said', async () => {
    const ipam = {
      ranges: [[{ subnet: '10.87.1.0/24' }]],
      routes: [{ dst: '10.1.0.0/16', gw: '192.0.2.1' }],
    };
    expectError(await machine.call('ADD', { conf: { ...CONF, ipam } }), 104);

    const [failed] = await entries();
    expect(failed).toMatchObject({ level: 'error', code: 104, msg: expect.stringContaining('10.1.0.0/16') });
    expect(failed?.['commands']).toContainEqual(
      expect.objectContaining({
        command: expect.stringMatching(
          /^(netlink:|ip) route append 10\.1\.0\.0\/16 via 192\.0\.2\.1 dev eth0/,
        ),
        ...(isPlainWay
          ? { stderr: expect.stringMatching(/gateway/) }
          : { refusal: expect.stringMatching(/ENETUNREACH, .*gateway/) }),
      }),
    );
  });

  test.each([
    ['off', 0],
    ['error', 0],
    ['warn', 0],
    ['info', 2],
    ['debug', 2],
    ['no-such-level', 2],
  ])('at FLATNET_LOG_LEVEL=%s has %i lines of two good calls', async (level, lines) => {
    await addAndDelete({ FLATNET_LOG_LEVEL: level });

    const found = (await machine.host.exec(['cat', LOG])).stdout.split('\n').filter(Boolean);
    expect(found).toHaveLength(lines);
    expect(found.some((line) => line.includes('"commands"'))).toBe(level === 'debug');
  });

  test.each([
    [
      'a symbolic link',
      `mkdir -m 755 /var/log/flatnet; ln -s /var/log/target ${LOG}; echo safe > /var/log/target`,
    ],
    [
      'a second name of another file',
      `mkdir /var/log/flatnet; echo safe > /var/log/target; ln /var/log/target ${LOG}`,
    ],
    ['a fifo nobody reads', `mkdir /var/log/flatnet; mkfifo ${LOG}; echo safe > /var/log/target`],
    [
      'a fifo somebody reads',
      `mkdir /var/log/flatnet; mkfifo ${LOG}; echo safe > /var/log/target; (exec 5<> ${LOG} >> /var/log/target 2>&1 < /dev/null; touch /run/held; exec cat <&5) & until [ -e /run/held ]; do :; done`,
    ],
    ['a directory', `mkdir -p ${LOG}; echo safe > /var/log/target`],
    [
      'in a directory that is a link',
      'mkdir -p /run/elsewhere; ln -s /run/elsewhere /var/log/flatnet; echo safe > /var/log/target',
    ],
    ['in a directory anybody can write', 'mkdir -m 777 /var/log/flatnet; echo safe > /var/log/target'],
    [
      'on a full disk',
      'mkdir /var/log/flatnet; mount -t tmpfs -o size=4k tmpfs /var/log/flatnet; head -c 4096 /dev/zero > /var/log/flatnet/fill; echo safe > /var/log/target',
    ],
    [
      'on a read-only file system',
      'mkdir /var/log/flatnet; mount -t tmpfs -o ro tmpfs /var/log/flatnet; echo safe > /var/log/target',
    ],
  ])('that is %s fails no call and harms nothing', async (_name, script) => {
    await machine.host.run(['sh', '-c', script]);
    await addAndDelete();

    expect(await machine.host.run(['cat', '/var/log/target'])).toBe('safe\n');
    await machine.host.exec(['rm', '-f', '/var/log/target']);
  });

  test('goes to syslog under the tag flatnet where there is one', async () => {
    await machine.host.run([
      'sh',
      '-c',
      'mkdir -p /run/dev && mount --rbind /dev /run/dev && mount -t tmpfs tmpfs /dev',
    ]);
    await machine.host.run([
      'sh',
      '-c',
      'for f in null zero full random urandom tty; do touch /dev/$f; mount --bind /run/dev/$f /dev/$f; done',
    ]);
    const listener = machine.host.start([
      'perl',
      '-MSocket',
      '-e',
      'socket(S, PF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un("/dev/log")); recv(S, $m, 65536, 0); print $m;',
    ]);
    await machine.host.run(['sh', '-c', 'until [ -S /dev/log ]; do :; done']);
    expectError(await machine.call('ADD', { netns: '/run/absent' }), 103);

    const heard = (await listener.result).stdout;
    expect(heard).toMatch(/^<27>.* flatnet: \{/);
    expect(heard).toContain('"code":103');
  });
});
