import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convert } from '../../../src/cli/migrate/convert.ts';
import { differencesOf } from '../../../src/cli/migrate/meaning.ts';
import type { Source } from '../../../src/cli/migrate/source.ts';
import { CONFLIST, conflist, fromConflist, fromNetwork, NETWORK, networkFile, STAMP } from './networks.ts';

const flag = fc.boolean();
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const rates = { rate: fc.integer({ min: 1, max: 1e9 }), burst: fc.integer({ min: 1, max: 1e6 }) };

/** Of 10.87.9.0/24: within the lower half are the ends of ranges, within the upper what is set apart. */
const low = fc.integer({ min: 2, max: 60 });
const high = fc.integer({ min: 130, max: 250 });

const ranges = fc
  .record({
    start: some(low),
    end: some(fc.integer({ min: 61, max: 255 })),
    gateway: fc.constantFrom(1, 254, 254, 1),
    exclude: fc.uniqueArray(fc.integer({ min: 100, max: 120 }), { maxLength: 3 }),
    six: flag,
  })
  .map(({ start, end, gateway, exclude, six }) => [
    [
      {
        subnet: '10.87.9.0/24',
        gateway: `10.87.9.${gateway}`,
        rangeStart: start === undefined ? undefined : `10.87.9.${start}`,
        rangeEnd: end === undefined ? undefined : `10.87.9.${end}`,
        exclude: exclude.map((last) => `10.87.9.${last}`),
      },
    ],
    ...(six ? [[{ subnet: 'fd00:87:9::/64' }]] : []),
  ]);

const routes = fc.uniqueArray(
  fc.record({
    dst: fc.constantFrom('10.99.0.0/16', '10.98.0.0/16', '0.0.0.0/0', '172.30.1.0/24'),
    gw: some(fc.constantFrom('10.87.9.2', '10.87.9.3')),
    priority: some(fc.integer({ min: 1, max: 500 })),
  }),
  { maxLength: 3, selector: ({ dst }) => dst },
);

const reservations = fc.dictionary(
  fc.stringMatching(/^[a-z][a-z0-9_.=-]{0,8}$/),
  high.map((last) => `10.87.9.${last}`),
  { maxKeys: 3 },
);

const ipam = fc
  .record({ ranges, routes, reservations, allowOverlap: some(flag), dataDir: some(fc.constant('/srv/ipam')) })
  // Each address is reserved for one container.
  .filter((one) => new Set(Object.values(one.reservations)).size === Object.keys(one.reservations).length);

const plugin = fc
  .record({
    isDefaultGateway: some(flag),
    ipMasq: some(flag),
    ipMasqBackend: some(fc.constantFrom('nftables', 'iptables')),
    mtu: some(fc.integer({ min: 1280, max: 9000 })),
    hairpinMode: some(flag),
    forwardAccept: some(flag),
    forceAddress: some(flag),
    portIsolation: some(flag),
    macspoofchk: some(flag),
    ingressPolicy: some(fc.constantFrom('open', 'same-bridge', 'isolated')),
    internal: some(flag),
    enabledad: some(flag),
    ingress: some(fc.record(rates)),
    egress: some(fc.record(rates)),
    servers: fc.uniqueArray(fc.constantFrom('10.87.9.53', 'fd00::53'), { maxLength: 2 }),
    ipam,
  })
  .map(({ ingress, egress, servers, ...keys }) => ({
    ...keys,
    ingressRate: ingress?.rate,
    ingressBurst: ingress?.burst,
    egressRate: egress?.rate,
    egressBurst: egress?.burst,
    ...(servers.length === 0 ? {} : { dns: { nameservers: servers } }),
  }));

/** There and back; nothing may be lost on either way. */
function thereAndBack(source: Source): Source {
  const [there, back] = source.backend === 'cni' ? [NETWORK, CONFLIST] : [CONFLIST, NETWORK];
  const first = convert(source, there, STAMP);
  const second = convert(first.target, back, STAMP);
  expect([...first.losses, ...second.losses]).toEqual([]);
  return second.target;
}

describe('there and back', () => {
  it('a network of CNI means the same, whatever its keys say', () => {
    fc.assert(
      fc.property(plugin, fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }), (keys, labels) => {
        const source = fromConflist(conflist(keys, { args: { podman_labels: labels } }));
        expect(differencesOf(source.moved, thereAndBack(source).moved)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('a network of netavark is the same file again', () => {
    fc.assert(
      fc.property(plugin, (keys) => {
        const network = convert(fromConflist(conflist(keys)), NETWORK, STAMP).target;
        const { id: _id, created: _created, ...before } = network.fields;
        const { id: _again, created: _then, ...after } = thereAndBack(network).fields;
        expect(after).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  it('a network of netavark keeps id, time and names that are switched off', () => {
    const source = fromNetwork(networkFile({ dns_enabled: false }));
    const { id, created, dns_enabled } = thereAndBack(source).fields;
    expect({ id, created, dns_enabled }).toEqual({
      id: '9'.repeat(64),
      created: '2026-02-01T08:00:00.5Z',
      dns_enabled: false,
    });
  });
});
