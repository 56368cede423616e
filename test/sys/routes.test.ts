import { describe, expect, it } from 'vitest';
import { parseIPv6Routes, parseRoutes } from '../../src/sys/routes.ts';

const HEADER = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';

describe('parseRoutes()', () => {
  it('reads the kernel table without the default route and without rejected destinations', () => {
    const lines = [
      HEADER,
      'eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
      'eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      'tun0\t0000000A\t0100080A\t0003\t0\t0\t50\t000000FF\t0\t0\t0',
      'tun0\t0501570A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0',
      '*\t0000140A\t00000000\t0200\t0\t0\t0\t0000FFFF\t0\t0\t0',
      '',
    ];
    expect(parseRoutes(lines.join('\n'))).toEqual([
      { family: 4, first: 0xc0a80100n, last: 0xc0a801ffn, prefix: 24, link: 'eth0' },
      { family: 4, first: 0x0a000000n, last: 0x0affffffn, prefix: 8, link: 'tun0' },
      { family: 4, first: 0x0a570105n, last: 0x0a570105n, prefix: 32, link: 'tun0' },
    ]);
  });

  it('reads an empty table', () => {
    expect(parseRoutes(`${HEADER}\n`)).toEqual([]);
  });
});

describe('parseIPv6Routes()', () => {
  it('leaves out link-local, multicast, loopback, local and default routes', () => {
    const none = '0'.repeat(32);
    const line = (destination: string, length: string, flags: string, link: string) =>
      `${destination} ${length} ${none} 00 ${none} 00000100 00000001 00000000 ${flags} ${link.padStart(8)}`;
    const lines = [
      line(`fd000087${'0'.repeat(24)}`, '40', '00000001', 'eth0'),
      line(`fe80${'0'.repeat(28)}`, '40', '00000001', 'eth0'),
      line(`ff00${'0'.repeat(28)}`, '08', '00000001', 'eth0'),
      line(`${'0'.repeat(31)}1`, '80', '80200001', 'lo'),
      line(`fd000087${'0'.repeat(23)}1`, '80', '80200001', 'eth0'),
      line(none, '00', '00450003', 'eth0'),
      line(none, '00', '00200200', 'lo'),
      '',
    ];
    expect(parseIPv6Routes(lines.join('\n'))).toEqual([
      {
        family: 6,
        first: 0xfd000087n << 96n,
        last: (0xfd000087n << 96n) + (1n << 64n) - 1n,
        prefix: 64,
        link: 'eth0',
      },
    ]);
  });
});
