import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';
import {
  addOutside,
  ask,
  askUdp,
  HOST_ADDRESS,
  HOST_ADDRESS_V6,
  OUTSIDE_ADDRESS,
  OUTSIDE_ADDRESS_V6,
  reaches,
  serve,
} from '../fixtures/traffic.ts';

const WEB = { hostPort: 8080, containerPort: 80, protocol: 'tcp' } as const;
const DNS = { hostPort: 5353, containerPort: 53, protocol: 'udp' } as const;
const DUAL = { ranges: [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]] };

const NEW = '192.0.2.77';
const NEW_V6 = '2001:db8::77';

let host: Host;
let outside: Sandbox;
let web: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
  web = await host.addSandbox('web');
  const conf = { ipMasq: true, ipam: DUAL, runtimeConfig: { portMappings: [WEB, DNS] } };
  await attach(host, web, { containerID: 'web', conf });
  await serve(web, { port: 80, answer: 'web', address: '::' });
});
afterEach(() => host.dispose());

const give = (place: Host | Sandbox, cidr: string) =>
  place.run(['ip', 'address', 'add', cidr, 'dev', 'up0', ...(cidr.includes(':') ? ['nodad'] : [])]);
const take = (place: Host | Sandbox, cidr: string) => place.run(['ip', 'address', 'del', cidr, 'dev', 'up0']);

describe('a published port', () => {
  it('needs no "fib", which many kernels of WSL lack', async () => {
    expect(await host.run(['nft', 'list', 'ruleset'])).not.toMatch(/\bfib\b/);
  });

  it.each([
    { family: 'IPv4', cidr: `${NEW}/24`, address: NEW },
    { family: 'IPv6', cidr: `${NEW_V6}/64`, address: NEW_V6 },
  ])('answers on an $family address that the host got after it was published', async ({ cidr, address }) => {
    await give(host, cidr);
    expect(await ask(outside, address, 8080)).toBe('web');
    expect(await ask(host, address, 8080)).toBe('web');
  });

  it('answers a container on an address that the host got after it was published', async () => {
    const other = await host.addSandbox('other');
    await give(host, `${NEW}/24`);
    await attach(host, other, { containerID: 'other', conf: { ipam: DUAL } });
    expect(await ask(other, NEW, 8080)).toBe('web');
  });

  it('over UDP answers there from the second datagram on', async () => {
    await serve(web, { port: 53, answer: 'dns', protocol: 'udp' });
    await give(host, `${NEW}/24`);
    await askUdp(outside, NEW, 5353);
    expect(await askUdp(outside, NEW, 5353)).toBe('dns');
  });

  it.each([
    { family: 'IPv4', address: OUTSIDE_ADDRESS },
    { family: 'IPv6', address: OUTSIDE_ADDRESS_V6 },
  ])('leaves alone what a container or the host sends elsewhere, over $family', async ({ address }) => {
    await serve(outside, { port: 8080, answer: 'outside', address: '::' });
    expect(await ask(web, address, 8080)).toBe('outside');
    expect(await ask(host, address, 8080)).toBe('outside');
  });

  it('leaves alone what others send to a container by its own address', async () => {
    await serve(web, { port: 8080, answer: 'direct' });
    await outside.run(['ip', 'route', 'add', '10.87.1.0/24', 'via', HOST_ADDRESS]);
    expect(await ask(outside, '10.87.1.2', 8080)).toBe('direct');
  });

  it.each([
    { family: 'IPv4', cidr: `${NEW}/24`, address: NEW },
    { family: 'IPv6', cidr: `${NEW_V6}/64`, address: NEW_V6 },
  ])('leaves an $family address to another machine that took it over', async ({ cidr, address }) => {
    await give(host, cidr);
    expect(await ask(outside, address, 8080)).toBe('web');
    await take(host, cidr);
    await give(outside, cidr);
    await serve(outside, { port: 8080, answer: 'outside', address: '::' });
    // Anything that is sent there for another reason tells where the address is now.
    expect(await reaches(web, address)).toBe(true);
    expect(await ask(web, address, 8080)).toBe('outside');
    expect(await ask(host, address, 8080)).toBe('outside');
  });

  it.each(['ADD', 'DEL', 'reload'])('leaves such an address to it at the next %s', async (verb) => {
    await give(host, `${NEW}/24`);
    expect(await ask(outside, NEW, 8080)).toBe('web');
    await take(host, `${NEW}/24`);
    await give(outside, `${NEW}/24`);
    await serve(outside, { port: 8080, answer: 'outside' });
    const other = await host.addSandbox('other');
    const conf = { ipam: DUAL, runtimeConfig: { portMappings: [{ ...WEB, hostPort: 8081 }] } };
    if (verb === 'reload') await host.run([EXECUTABLE, 'reload']);
    else await attach(host, other, { containerID: 'other', conf });
    if (verb === 'DEL') await invoke(host, 'DEL', { containerID: 'other', conf });
    expect(await ask(web, NEW, 8080)).toBe('outside');
  });
});

/** Lets the machine outside send packets for 127.0.0.1 to the host, as an attacker on the LAN can. */
async function sendLoopbackToHost(): Promise<void> {
  await outside.run(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/conf/up0/route_localnet']);
  await outside.run(['ip', 'route', 'add', '127.0.0.1', 'via', HOST_ADDRESS, 'dev', 'up0']);
}

describe('a port published on 127.0.0.1', () => {
  it('does not answer a neighbour that sends packets for 127.0.0.1 to the host', async () => {
    const local = await host.addSandbox('local');
    const portMappings = [{ ...WEB, hostPort: 8081, hostIP: '127.0.0.1' }];
    await attach(host, local, {
      containerID: 'local',
      conf: { ipMasq: true, runtimeConfig: { portMappings } },
    });
    await serve(local, { port: 80, answer: 'local' });
    expect(await ask(host, '127.0.0.1', 8081)).toBe('local');
    await sendLoopbackToHost();
    const hook = '{ type filter hook prerouting priority -400; }';
    const count = 'iifname "up0" ip daddr 127.0.0.1 counter';
    await host.run([
      'nft',
      `add table inet seen; add chain inet seen in ${hook}; add rule inet seen in ${count}`,
    ]);
    expect(await ask(outside, '127.0.0.1', 8081)).toBe('');
    expect(await ask(outside, '127.0.0.1', 8080)).toBe('');
    // They did come in.
    expect(await host.run(['nft', 'list', 'table', 'inet', 'seen'])).toMatch(/counter packets [1-9]/);
  });
});

describe('a port published on one address of the host', () => {
  it.each([
    { family: 'IPv4', cidr: `${NEW}/24`, address: NEW, other: HOST_ADDRESS },
    { family: 'IPv6', cidr: `${NEW_V6}/64`, address: NEW_V6, other: HOST_ADDRESS_V6 },
  ])(
    'answers there once the host has it, and nowhere else, over $family',
    async ({ cidr, address, other }) => {
      const bound = await host.addSandbox('bound');
      const portMappings = [{ ...WEB, hostPort: 8082, hostIP: address }];
      await attach(host, bound, {
        containerID: 'bound',
        conf: { ipam: DUAL, runtimeConfig: { portMappings } },
      });
      await serve(bound, { port: 80, answer: 'bound', address: '::' });
      await give(host, cidr);
      expect(await ask(outside, address, 8082)).toBe('bound');
      expect(await ask(outside, other, 8082)).toBe('');
    },
  );
});
