import { describe, expect, it } from 'vitest';
import { inspectNetworkFile, parseNetworkFile } from '../../src/netavark/network-file.ts';

const PATH = '/etc/containers/networks/lab.json';
const LAB = {
  name: 'lab',
  id: '9'.repeat(64),
  driver: 'flatnet',
  network_interface: 'flatnet-br1',
  created: '2026-01-31T08:00:00.5Z',
  subnets: [{ subnet: '10.87.2.0/24', gateway: '10.87.2.1' }],
  ipv6_enabled: false,
  internal: false,
  dns_enabled: true,
  options: { 'egress-rate': '1000000', 'egress-burst': '80000' },
  ipam_options: { driver: 'flatnet' },
};

function inspect(change: Readonly<Record<string, unknown>>, path = PATH) {
  return inspectNetworkFile(JSON.stringify({ ...LAB, ...change }), path);
}

describe('parseNetworkFile()', () => {
  it('reads a network of the driver as the driver does', () => {
    expect(parseNetworkFile(JSON.stringify(LAB), PATH)).toMatchObject({
      kind: 'flatnet',
      backend: 'netavark',
      path: PATH,
      name: 'lab',
      conf: { bridge: 'flatnet-br1', ipMasq: true, ipam: { from: 'pool' } },
      bandwidth: { egress: { rate: 1_000_000 } },
    });
  });

  it('takes another driver for another driver, whatever else is in its file', () => {
    expect(inspect({ driver: 'bridge', subnets: 7 })).toEqual({
      kind: 'other',
      path: PATH,
      name: 'lab',
      driver: 'bridge',
    });
  });
});

describe('inspectNetworkFile()', () => {
  it.each([
    ['a name that is not its file’s', { name: 'lib' }, 'the name of its network: expected "lab"'],
    ['an id that is none', { id: 'abc' }, '64 hexadecimal digits'],
    ['an option that flatnet does not know', { options: { mtuu: '9000' } }, 'did you mean "mtu"'],
    ['no subnet', { subnets: [] }, 'make it anew'],
  ])('says why a file with %s cannot be used', (_, change, why) => {
    const file = inspect(change);
    expect(file).toMatchObject({ kind: 'broken', isOurs: true, path: PATH });
    expect(file.kind === 'broken' ? `${file.problem.message} ${file.problem.details ?? ''}` : '').toContain(
      why,
    );
  });

  it('tells a damaged file of ours from one of others', () => {
    expect(inspectNetworkFile('{"driver": "flatnet",', PATH)).toMatchObject({ kind: 'broken', isOurs: true });
    expect(inspectNetworkFile('{"driver": "bridge",', PATH)).toMatchObject({ kind: 'broken', isOurs: false });
  });
});
