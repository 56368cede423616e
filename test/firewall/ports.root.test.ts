import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { compareSnapshots } from '../../conformance/snapshot.ts';
import { isPointless } from '../plain/way.ts';
import { ensureExecutable } from '../executable.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';
import {
  addOutside,
  answersSctp,
  ask,
  askUdp,
  HOST_ADDRESS,
  HOST_ADDRESS_V6,
  OUTSIDE_ADDRESS,
  serve,
  serveSctp,
} from '../fixtures/traffic.ts';
import { describeUnlessLacking } from '../profiles/lacking.ts';

interface Mapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol?: string;
  readonly hostIP?: string;
}

let host: Host;
let outside: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
});
afterEach(() => host.dispose());

function publish(...portMappings: readonly Mapping[]) {
  return { ipMasq: true, runtimeConfig: { portMappings } };
}

async function container(id: string, ...mappings: readonly Mapping[]): Promise<Sandbox> {
  const sandbox = await host.addSandbox(id);
  await attach(host, sandbox, { containerID: id, conf: publish(...mappings) });
  return sandbox;
}

const TRACE = '/run/trace';

/**
 * A DEL that stands still where it has opened its second socket, by which it removes its elements, until it is let go.
 */
async function startHeldDel(containerID: string) {
  const stop = ['-e', 'trace=socket', '-e', 'inject=socket:signal=STOP:when=2'];
  const removed = invoke(host, 'DEL', {
    containerID,
    conf: publish(WEB),
    under: ['strace', '-f', '-o', TRACE, ...stop],
  });
  const stopped = /(\d+) +socket\(AF_NETLINK, [^\n]* NETLINK_NETFILTER\)[^]* stopped by SIGSTOP /;
  const pid = () =>
    existsSync(host.file(TRACE)) ? stopped.exec(readFileSync(host.file(TRACE), 'utf8'))?.[1] : undefined;
  await vi.waitUntil(pid, 20_000);
  return { removed, letGo: () => process.kill(Number(pid()), 'SIGCONT') };
}

const WEB = { hostPort: 8080, containerPort: 80, protocol: 'tcp' } as const;
const DNS = { hostPort: 5353, containerPort: 53, protocol: 'udp' } as const;

describe('a published TCP port', () => {
  it('is reached from outside, from the host, from another container and from its own', async () => {
    const web = await container('web', WEB);
    const other = await container('other');
    await serve(web, { port: 80, answer: 'web' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
    expect(await ask(host, HOST_ADDRESS, 8080)).toBe('web');
    expect(await ask(host, '10.87.1.1', 8080)).toBe('web');
    expect(await ask(host, '127.0.0.1', 8080)).toBe('web');
    expect(await ask(other, HOST_ADDRESS, 8080)).toBe('web');
    expect(await ask(other, '10.87.1.1', 8080)).toBe('web');
    expect(await ask(web, HOST_ADDRESS, 8080)).toBe('web');
  });

  it('bound to 127.0.0.1 is reached there and nowhere else', async () => {
    const web = await container('web', { ...WEB, hostIP: '127.0.0.1' });
    await serve(web, { port: 80, answer: 'web' });
    expect(await ask(host, '127.0.0.1', 8080)).toBe('web');
    expect(await ask(host, HOST_ADDRESS, 8080)).toBe('');
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('');
  });

  it('shows the container who really asks from outside', async () => {
    const web = await container('web', WEB);
    await serve(web, { port: 80, answer: 'web' });
    await ask(outside, HOST_ADDRESS, 8080);
    const flows = await host.run(['conntrack', '-L', '-p', 'tcp', '--orig-src', OUTSIDE_ADDRESS]);
    expect(flows).toMatch(/src=10\.87\.1\.2 dst=192\.0\.2\.2 sport=80/);
  });

  it('leads two host ports to one container port, and a range to a range', async () => {
    const range = [0, 1, 2].map((step) => ({ ...WEB, hostPort: 9000 + step, containerPort: 80 + step }));
    const web = await container('web', WEB, ...range);
    for (const port of [80, 81, 82]) await serve(web, { port, answer: `port ${port}` });
    const answers = [8080, 9000, 9001, 9002].map((port) => ask(outside, HOST_ADDRESS, port));
    expect(await Promise.all(answers)).toEqual(['port 80', 'port 80', 'port 81', 'port 82']);
  });

  it('takes keys in any case, as containerd sends them', async () => {
    const web = await host.addSandbox('web');
    const runtimeConfig = {
      PortMappings: [{ HostPort: 8080, ContainerPort: 80, Protocol: 'TCP', HostIP: '' }],
    };
    await attach(host, web, { conf: { runtimeConfig } });
    await serve(web, { port: 80, answer: 'web' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
  });

  it('is gone after DEL, and so is everything else', async () => {
    await container('first', WEB);
    await invoke(host, 'DEL', { containerID: 'first', conf: publish(WEB) });
    const before = await host.snapshot();
    await container('web', WEB, DNS, { ...WEB, hostIP: '127.0.0.1', hostPort: 81 });
    await invoke(host, 'DEL', { containerID: 'web', conf: publish() });
    await host.run(['ip', 'netns', 'delete', 'web']);
    const { added, removed } = compareSnapshots(before, await host.snapshot());
    expect([added, removed]).toEqual([[], []]);
  });

  it('is gone after DEL when the state was lost', async () => {
    const web = await container('web', WEB);
    await serve(web, { port: 80, answer: 'web' });
    await host.run(['rm', '-r', '/var/lib/flatnet']);
    await invoke(host, 'DEL', { containerID: 'web' });
    expect(await host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4'])).not.toContain('8080');
  });

  it('lets nobody reach the services on 127.0.0.1 of the host from a container', async () => {
    const web = await container('web', WEB);
    await serve(host, { port: 7000, answer: 'secret', address: '127.0.0.1' });
    await web.run(['ip', 'route', 'add', '127.0.0.1', 'via', '10.87.1.1', 'dev', 'eth0']);
    await web
      .run(['ip', 'route', 'del', 'local', '127.0.0.1', 'dev', 'lo', 'table', 'local'])
      .catch(() => '');
    await web.run(['sysctl', '-qw', 'net.ipv4.conf.eth0.route_localnet=1']);
    expect(await ask(web, '127.0.0.1', 7000)).toBe('');
    expect(await host.run(['cat', '/proc/sys/net/ipv4/conf/flatnet-br0/route_localnet'])).toBe('1\n');
  });
});

describe('a port published over IPv6', () => {
  const DUAL = { ipam: { ranges: [[{ subnet: '10.91.0.0/24' }], [{ subnet: 'fd00:1::/64' }]] } };

  async function dual(id: string, ...mappings: readonly Mapping[]): Promise<Sandbox> {
    const sandbox = await host.addSandbox(id);
    await attach(host, sandbox, { containerID: id, conf: { ...publish(...mappings), ...DUAL } });
    return sandbox;
  }

  it('is reached from outside, from the host, from another container and from its own; UDP too', async () => {
    const web = await dual('web', WEB, DNS);
    const other = await dual('other');
    await serve(web, { port: 80, answer: 'web', address: '::' });
    await serve(web, { port: 53, answer: 'dns', protocol: 'udp', address: '::' });
    for (const place of [outside, host, other, web]) {
      expect(await ask(place, HOST_ADDRESS_V6, 8080)).toBe('web');
    }
    expect(await askUdp(outside, HOST_ADDRESS_V6, 5353)).toBe('dns');
    expect(await askUdp(other, HOST_ADDRESS_V6, 5353)).toBe('dns');
  });

  it('bound to an address of the host is reached there and nowhere else', async () => {
    const web = await dual('web', { ...WEB, hostIP: HOST_ADDRESS_V6 });
    await serve(web, { port: 80, answer: 'web', address: '::' });
    expect(await ask(outside, HOST_ADDRESS_V6, 8080)).toBe('web');
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('');
  });
});

describe('a published UDP port', () => {
  it('is reached from outside, from the host and on 127.0.0.1', async () => {
    const dns = await container('dns', DNS);
    await serve(dns, { port: 53, answer: 'dns', protocol: 'udp' });
    expect(await askUdp(outside, HOST_ADDRESS, 5353)).toBe('dns');
    expect(await askUdp(host, HOST_ADDRESS, 5353)).toBe('dns');
    expect(await askUdp(host, '127.0.0.1', 5353)).toBe('dns');
  });

  it('reaches a client that began to send before the container was there, and its successor', async () => {
    const client =
      'exec 3<>/dev/udp/192.0.2.1/5353; while :; do echo >&3; timeout 0.2 dd bs=1500 count=1 status=none <&3; done >> /run/heard';
    const heard = () => host.run(['cat', '/run/heard']);
    // Without any rule of translation the kernel follows no flow.
    await container('any', WEB);
    outside.start(['bash', '-c', client]);
    await expect.poll(() => host.run(['conntrack', '-L', '-p', 'udp'])).toContain('dport=5353');
    const first = await container('first', DNS);
    await serve(first, { port: 53, answer: 'first', protocol: 'udp' });
    await expect.poll(heard, { timeout: 5_000 }).toContain('first');
    await invoke(host, 'DEL', { containerID: 'first' });
    const second = await container('second', DNS);
    await serve(second, { port: 53, answer: 'second', protocol: 'udp' });
    await expect.poll(heard, { timeout: 5_000 }).toContain('second');
  });
});

const SCTP = { ...WEB, protocol: 'sctp' } as const;

async function publishSctp() {
  const box = await host.addSandbox();
  return invoke(host, 'ADD', { netns: box.path, conf: publish(SCTP) });
}

describeUnlessLacking('sctp', publishSctp, () => {
  it('port is reached from outside and from the host, apart from the TCP port of that number', async () => {
    const box = await container('box', SCTP, { ...WEB, containerPort: 81 });
    await serveSctp(box, 80);
    await serve(box, { port: 81, answer: 'tcp' });
    expect(await answersSctp(outside, HOST_ADDRESS, 8080)).toBe(true);
    expect(await answersSctp(host, HOST_ADDRESS, 8080)).toBe(true);
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('tcp');
  });

  it('port is reached by nobody after DEL', async () => {
    const box = await container('box', SCTP);
    await serveSctp(box, 80);
    await invoke(host, 'DEL', { containerID: 'box' });
    expect(await answersSctp(outside, HOST_ADDRESS, 8080)).toBe(false);
  });
});

describe('a host port that is taken', () => {
  async function refusal(conf: Readonly<Record<string, unknown>>, containerID = 'late') {
    const sandbox = await host.addSandbox(containerID);
    const before = [
      await host.snapshot(),
      await sandbox.snapshot(),
      await allocated(host),
      await pairs(host),
    ];
    const { exitCode, json } = await invoke(host, 'ADD', { netns: sandbox.path, containerID, conf });
    const after = [await host.snapshot(), await sandbox.snapshot(), await allocated(host), await pairs(host)];
    expect(exitCode).toBe(1);
    expect(after).toEqual(before);
    return json;
  }

  it('by another container is refused with its name, and nothing is left', async () => {
    const first = await host.addSandbox('first');
    await attach(host, first, { containerID: 'abc', args: 'K8S_POD_NAME=shop', conf: publish(WEB) });
    expect(await refusal(publish({ ...WEB, hostIP: HOST_ADDRESS }))).toMatchObject({
      code: 105,
      msg: 'Cannot publish tcp port 8080 of 192.0.2.1 of the host: container "shop (abc)" on network "flatnet" has it',
    });
  });

  it('by another container is refused although its state was lost', async () => {
    await container('first', WEB);
    await host.run(['rm', '-r', '/var/lib/flatnet']);
    const sandbox = await host.addSandbox('late');
    const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf: publish(WEB) });
    expect(json).toMatchObject({
      code: 105,
      msg: expect.stringContaining('container "first" on network "flatnet" has it'),
    });
    expect(await allocated(host)).toEqual(['flatnet/10.87.1.2']);
  });

  it.each([
    { protocol: 'tcp', address: '0.0.0.0' },
    { protocol: 'tcp', address: '127.0.0.1' },
    { protocol: 'udp', address: HOST_ADDRESS },
  ] as const)(
    'by a process on $protocol $address is refused with its name and pid',
    async ({ protocol, address }) => {
      const server = await serve(host, { port: 8080, answer: 'host', protocol, address });
      expect(await refusal(publish({ ...WEB, protocol }))).toMatchObject({
        code: 105,
        msg: expect.stringContaining(`(pid ${server.pid}) listens on it`),
      });
    },
  );

  it('by a process on one address is free on another', async () => {
    await serve(host, { port: 8080, answer: 'host', address: '127.0.0.1' });
    const web = await container('web', { ...WEB, hostIP: HOST_ADDRESS });
    await serve(web, { port: 80, answer: 'web' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
    expect(await ask(host, '127.0.0.1', 8080)).toBe('host');
  });

  it('by the conmon of the very container is its own', async () => {
    // The id is one of its arguments, as it is one of conmon's.
    const id = 'f00d';
    await serve(host, { port: 8080, answer: id });
    await container(id, WEB);
    expect(await host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4'])).toContain('8080');
  });

  it('by a container that died without DEL is free again', async () => {
    await container('dead', WEB);
    for (const name of await pairs(host)) await host.run(['ip', 'link', 'del', name]);
    const web = await container('web', WEB);
    await serve(web, { port: 80, answer: 'web' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
    await invoke(host, 'DEL', { containerID: 'dead' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
  });

  it.skipIf(isPointless('the DEL is held at a netlink socket'))(
    'by a container whose DEL is not over is refused, although its link is gone',
    async () => {
      await container('web', WEB);
      const next = await host.addSandbox('next');
      await serve(next, { port: 80, answer: 'next' });
      const call = { containerID: 'next', netns: next.path, conf: publish(WEB) };
      const { removed, letGo } = await startHeldDel('web');
      for (const link of await pairs(host)) await host.run(['ip', 'link', 'del', link]);
      const refused = await invoke(host, 'ADD', call);
      expect(refused.json.msg).toMatch(/container "web" on network "flatnet" has it$/);
      letGo();
      expect((await removed).exitCode).toBe(0);
      expect((await invoke(host, 'ADD', call)).exitCode).toBe(0);
      expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('next');
    },
  );

  it('by a container that is gone is freed by GC, although its DEL comes at the same time', async () => {
    const conf = { cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
    for (let round = 0; round < 5; round += 1) {
      const web = await container('web', WEB, DNS);
      for (const link of await pairs(host)) await host.run(['ip', 'link', 'del', link]);
      const calls = [
        invoke(host, 'GC', { conf }),
        invoke(host, 'DEL', { containerID: 'web', conf: publish(WEB, DNS) }),
      ];
      expect((await Promise.all(calls)).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
      expect(await host.run(['nft', 'list', 'table', 'inet', 'flatnet'])).not.toContain('comment "fn');
      await web.remove();
    }
  });

  it('by the same container on its other network stays with the first', async () => {
    const web = await container('web', WEB);
    const other = {
      ...publish(WEB),
      name: 'other',
      bridge: 'other0',
      ipam: { ranges: [[{ subnet: '10.99.0.0/24' }]] },
    };
    await attach(host, web, { containerID: 'web', ifname: 'eth1', conf: other });
    await serve(web, { port: 80, answer: 'web' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
    await invoke(host, 'DEL', { containerID: 'web', ifname: 'eth1', conf: other });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
  });

  it.each(['flatnet', 'host-local'])(
    'by the same container on its other network, with addresses of %s, goes over to that when the first is left',
    async (type) => {
      const web = await host.addSandbox('web');
      const network = (name: string, subnet: string) => ({
        ...publish(WEB, { ...WEB, hostPort: 8081, hostIP: HOST_ADDRESS }),
        name,
        bridge: `${name}0`,
        isDefaultGateway: true,
        ipam: { type, ranges: [[{ subnet }]] },
      });
      const [one, two] = [network('one', '10.98.0.0/24'), network('two', '10.99.0.0/24')];
      await attach(host, web, { containerID: 'web', conf: one });
      await attach(host, web, { containerID: 'web', ifname: 'eth1', conf: two });
      await serve(web, { port: 80, answer: 'web' });
      const answers = () => Promise.all([8080, 8081].map((port) => ask(outside, HOST_ADDRESS, port)));
      expect(await answers()).toEqual(['web', 'web']);
      await invoke(host, 'DEL', { containerID: 'web', netns: web.path, conf: one });
      expect(await answers()).toEqual(['web', 'web']);
      await invoke(host, 'DEL', { containerID: 'web', ifname: 'eth1', netns: web.path, conf: two });
      expect(await host.run(['nft', 'list', 'table', 'inet', 'flatnet'])).not.toMatch(/8080|8081/);
    },
  );

  it.each([
    { held: undefined, wanted: '127.0.0.1' },
    { held: '127.0.0.1', wanted: '0.0.0.0' },
  ])(
    'by a container whose addresses are kept elsewhere is refused: $held against $wanted',
    async ({ held, wanted }) => {
      const first = await host.addSandbox('first');
      const elsewhere = {
        ...publish({ ...WEB, ...(held === undefined ? {} : { hostIP: held }) }),
        name: 'elsewhere',
        bridge: 'elsewhere0',
        ipam: { ranges: [[{ subnet: '10.98.0.0/24' }]], dataDir: '/var/lib/flatnet/elsewhere' },
      };
      const call = { containerID: 'abc', args: 'K8S_POD_NAME=shop', conf: elsewhere };
      await attach(host, first, call);
      expect(await refusal(publish({ ...WEB, hostIP: wanted }))).toMatchObject({
        code: 105,
        msg: expect.stringMatching(
          /^Cannot publish tcp port 8080 .*container "shop \(abc\)" on network "elsewhere" has it$/,
        ),
      });
      await invoke(host, 'DEL', call);
      await container('next', { ...WEB, hostIP: wanted });
    },
  );

  it('by a dead container on 127.0.0.1 does not come before a living one on all addresses', async () => {
    await container('dead', { ...WEB, hostIP: '127.0.0.1' });
    for (const name of await pairs(host)) await host.run(['ip', 'link', 'del', name]);
    const web = await container('web', WEB);
    await serve(web, { port: 80, answer: 'web' });
    expect(await ask(host, '127.0.0.1', 8080)).toBe('web');
  });

  it('by a dead container does not lead to the next one that gets its address', async () => {
    await container('dead', WEB);
    for (const name of await pairs(host)) await host.run(['ip', 'link', 'del', name]);
    const web = await host.addSandbox('web');
    await attach(host, web, { containerID: 'web', args: 'IP=10.87.1.2' });
    await serve(web, { port: 80, answer: 'web' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('');
  });

  it.each([
    [{ ...WEB, hostPort: 0 }, 'hostPort', '0'],
    [{ ...WEB, hostPort: 65536 }, 'hostPort', '65536'],
    [{ ...WEB, containerPort: 65536 }, 'containerPort', '65536'],
    [{ ...WEB, protocol: 'icmp' }, 'protocol', '"icmp"'],
    [{ ...WEB, hostIP: 'fd00::1' }, 'hostIP', '"fd00::1"'],
    [{ ...WEB, hostIP: 'localhost' }, 'hostIP', '"localhost"'],
  ])('and wrong values are refused by key and value: %j', async (mapping, key, value) => {
    expect(await refusal(publish(mapping))).toMatchObject({
      code: 7,
      msg: `Invalid "runtimeConfig.portMappings[0].${key}" in the configuration of network "flatnet": ${value}`,
    });
  });

  it('twice in one request is refused', async () => {
    expect(await refusal(publish(WEB, { ...WEB, hostIP: HOST_ADDRESS, containerPort: 81 }))).toMatchObject({
      code: 7,
      msg: expect.stringContaining('"runtimeConfig.portMappings[1].hostPort"'),
    });
  });
});
