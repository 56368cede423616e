import { describe, expect, it } from 'vitest';
import { aardvarkArgs, aardvarkFile, formatAardvark, upstreamsFor } from '../../src/names/aardvark.ts';
import { dnsmasqArgs, formatDnsmasq } from '../../src/names/dnsmasq.ts';
import type { Zone } from '../../src/names/zone.ts';

const zone: Zone = {
  network: 'lab',
  bridge: 'br0',
  domain: 'flatnet',
  listen: ['10.87.1.1', 'fd00::1'],
  internal: false,
};
const records = [
  { containerID: 'aa', addresses: ['10.87.1.2', 'fd00::2'], names: ['web', 'www'] },
  { containerID: 'bb', addresses: ['fd00::3'], names: ['db'] },
  { containerID: 'cc', addresses: ['10.87.1.4'], names: [] },
];

describe('the file of aardvark-dns', () => {
  it('has addresses to listen on, then one line for each container that has a name', () => {
    expect(formatAardvark({ zone, records }, [])).toBe(
      '10.87.1.1,fd00::1\naa 10.87.1.2 fd00::2 web,www\nbb  fd00::3 db\n',
    );
    expect(formatAardvark({ zone, records: [] }, ['192.168.1.1', '9.9.9.9'])).toBe(
      '10.87.1.1,fd00::1 192.168.1.1,9.9.9.9\n',
    );
  });

  it('is never that of the process, and says by its name that nothing is asked of others', () => {
    expect(aardvarkFile({ ...zone, network: 'aardvark.pid' })).toBe('net-aardvark.pid');
    expect(aardvarkFile({ ...zone, internal: true })).toBe('net-lab%int');
    expect(aardvarkArgs('/d', 'flatnet', 53)).toEqual([
      '--config',
      '/d',
      '--port',
      '53',
      '--filter-search-domain',
      'flatnet.',
      'run',
    ]);
  });

  it.each([
    ['nameserver 192.168.1.1\n', []],
    ['nameserver 10.87.1.1\nnameserver 192.168.1.1\n', ['192.168.1.1']],
    ['nameserver 10.87.1.1\nnameserver fe80::1%eth0\nnameserver 10.0.0.1#x\n', 'none'],
    ['nameserver 10.87.1.1\n', 'none'],
    ['', []],
  ])('of a host with the servers %j asks %j', (resolvConf, servers) => {
    expect(upstreamsFor(zone.listen, resolvConf)).toEqual(servers);
  });
});

describe('the file of dnsmasq', () => {
  it('has a line for each address, each name with the domain first', () => {
    const words = 'web.flatnet web www.flatnet www';
    expect(formatDnsmasq({ zone, records })).toBe(
      `10.87.1.2 ${words}\nfd00::2 ${words}\nfd00::3 db.flatnet db\n`,
    );
  });

  it('holds 300 containers', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      containerID: `c${index}`,
      addresses: [`10.87.2.${index}`],
      names: [`box${index}`],
    }));
    expect(formatDnsmasq({ zone, records: many }).trim().split('\n')).toHaveLength(300);
  });

  it('is read by a process that listens on the addresses of the bridge alone', () => {
    const args = dnsmasqArgs('/d', zone);
    expect(args).toEqual(
      expect.arrayContaining([
        '--bind-dynamic',
        '--interface=br0',
        '--except-interface=lo',
        '--listen-address=10.87.1.1',
        '--listen-address=fd00::1',
        '--resolv-file=/etc/resolv.conf',
      ]),
    );
    expect(args).toContain('--port=53');
    expect(dnsmasqArgs('/d', { ...zone, internal: true })).toContain('--no-resolv');
  });

  it('is read by a process that does not ask itself, whichever port it has', () => {
    expect(dnsmasqArgs('/d', { ...zone, port: 10_053 })).toEqual(
      expect.arrayContaining(['--port=10053', '--dns-loop-detect']),
    );
  });
});
