import { describe, expect, it } from 'vitest';
import { exportNames } from '../../src/cli/names/export.ts';
import type { FilledZone } from '../../src/names/zone.ts';

const NOW = new Date('2026-02-01T08:00:00.500Z');

function zoneOf(network: string, domain: string, records: FilledZone['records']): FilledZone {
  return {
    zone: { network, bridge: `${network}0`, domain, listen: ['10.87.1.1'], internal: false },
    records,
  };
}

const WEB = { containerID: 'aa', addresses: ['10.87.1.2', 'fd00::2'], names: ['web', 'my_app', 'a.b'] };
const DB = { containerID: 'bb', addresses: ['10.87.2.2'], names: ['db', 'web'] };
const ZONES = [zoneOf('flatnet', 'flatnet', [WEB]), zoneOf('lab', 'flatnet', [DB])];

describe('exportNames()', () => {
  it('writes lines of hosts(5)', () => {
    expect(exportNames(ZONES, 'hosts', NOW)).toBe(
      [
        '10.87.1.2 web.flatnet my_app.flatnet a.b.flatnet',
        'fd00::2 web.flatnet my_app.flatnet a.b.flatnet',
        '10.87.2.2 db.flatnet web.flatnet',
        '',
      ].join('\n'),
    );
  });

  it('writes a zone (RFC 1035 section 5) of host names', () => {
    expect(exportNames(ZONES, 'zone', NOW)).toBe(`$ORIGIN flatnet.
$TTL 0
@ IN SOA localhost. hostmaster.localhost. 1769932800 3600 600 86400 0
@ IN NS localhost.
web IN A 10.87.1.2
web IN AAAA fd00::2
; left out: my_app (no host name by RFC 1123)
a.b IN A 10.87.1.2
a.b IN AAAA fd00::2
db IN A 10.87.2.2
web IN A 10.87.2.2
`);
  });

  it('refuses one zone of two domains, and says how to have each', () => {
    const two = [...ZONES, zoneOf('office', 'office.example', [DB])];
    expect(() => exportNames(two, 'zone', NOW)).toThrow(
      expect.objectContaining({
        remedy: 'choose with --network: flatnet (flatnet), lab (flatnet), office (office.example)',
      }),
    );
  });

  it('writes JSON', () => {
    expect(JSON.parse(exportNames(ZONES, 'json', NOW))).toMatchObject({
      networks: [
        {
          network: 'flatnet',
          domain: 'flatnet',
          servers: ['10.87.1.1'],
          containers: [{ id: 'aa', names: WEB.names }],
        },
        { network: 'lab', containers: [{ id: 'bb', addresses: ['10.87.2.2'] }] },
      ],
    });
  });

  it.each(['hosts', 'zone'] as const)('writes nothing as %s where nothing is served', (format) => {
    expect(exportNames([], format, NOW)).toBe('');
  });
});
