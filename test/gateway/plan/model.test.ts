import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCidr } from '../../../src/input/address.ts';
import type { Container, Model, Probe } from '../../../src/gateway/model.ts';
import { PORT } from '../../../src/gateway/plan/grammar.ts';
import { portsToTry } from '../../../src/gateway/plan/ports-to-try.ts';
import { DISPLAY_KEYS, SERVING_KEYS } from '../../../src/gateway/plan/reading.ts';
import { FOREIGN_LABELS } from '../../../src/gateway/settings.ts';
import { container, idOf, NOW, plan, probe, STARTED, withGateway } from './samples.ts';

const settings = withGateway({ foreignLabels: FOREIGN_LABELS });

/** What somebody writes who wants a line of their own in nginx's configuration, or the planner to fall over. */
const HOSTILE = [
  'a.local; return 200 x;',
  'a.local"',
  "a.local'",
  'a.local}\nserver { listen 1; }',
  '$host',
  '${x}',
  'a.local\0',
  'a.local\r\nX: y',
  '\\',
  '#',
  '../../etc/passwd',
  '/x"; include /etc/shadow; #',
  '169.254.169.254',
  'http://169.254.169.254/',
  '{{upstreams}}',
  '{{upstreams http 169.254.169.254:80}}',
  'Host(`a.local`)',
  'Host(`a`, `b;`) && PathPrefix(`/{`)',
  '10.0.0.0/8; allow all',
  '名前.local',
  '\ud800',
  '\u202egpj.exe',
  'x'.repeat(4097),
  `${'a.'.repeat(3000)}local`,
  `/${'a/'.repeat(5000)}`,
  '-'.repeat(5000),
  ' '.repeat(5000),
  '__proto__',
  'constructor',
  '',
];
const GOOD = [
  'a.local',
  'b.local, c.example',
  'localhost',
  '3000',
  '80',
  '/git',
  '/',
  'true',
  'false',
  'https',
  '20m',
  '90s',
  'lan',
  'host',
  '192.168.1.0/24',
  'team',
  'ignore',
  'shop',
  '5',
];

const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...GOOD) },
  { weight: 2, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);
const service = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('', 'a.', 'b-1.') },
  { weight: 1, arbitrary: fc.constantFrom('__proto__.', 'A.', '..', 'a;b.', `${'x'.repeat(40)}.`) },
);
const flatnetKey = fc
  .tuple(service, fc.constantFrom(...SERVING_KEYS, ...DISPLAY_KEYS, '__proto__', 'hots', 'acces'))
  .map(([prefix, key]) => `flatnet.${prefix}${key}`);
const foreignKey = fc.constantFrom(
  'VIRTUAL_HOST',
  'VIRTUAL_PORT',
  'VIRTUAL_PATH',
  'VIRTUAL_PROTO',
  'VIRTUAL_DEST',
  'VIRTUAL_X',
  'traefik.enable',
  'traefik.http.routers.a.rule',
  'traefik.http.routers.__proto__.rule',
  'traefik.http.routers.a.service',
  'traefik.http.services.a.loadbalancer.server.port',
  'traefik.http.services.a.loadbalancer.server.scheme',
  'traefik.http.services.a.loadbalancer.server.url',
  'caddy',
  'caddy.reverse_proxy',
  'caddy_1',
  'caddy_1.reverse_proxy',
  'homepage.name',
  'homepage.icon',
  '__proto__',
);

/** Labels with keys of their own only, `__proto__` among them. */
const labels = fc
  .tuple(
    fc.boolean(),
    fc.array(fc.tuple(flatnetKey, value), { maxLength: 8 }),
    fc.array(fc.tuple(foreignKey, value), { maxLength: 6 }),
  )
  .map(([isForeign, own, foreign]) => {
    const entries: [string, string][] = isForeign ? foreign : [...own, ...foreign];
    return Object.defineProperties(
      {},
      Object.fromEntries(
        entries.map(([key, text]) => [key, { value: text, enumerable: true, configurable: true }]),
      ),
    );
  });

const name = fc.oneof(
  fc.constantFrom(
    'web',
    'my_app',
    'my-app',
    'pool',
    'a',
    'a--b',
    'flatnet',
    '10-87-1-2',
    '日本',
    '',
    '__proto__',
    'x'.repeat(80),
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

const containers = fc
  .array(
    fc.record({
      name,
      labels,
      imageLabels: labels,
      exposed: fc
        .uniqueArray(fc.constantFrom(22, 80, 3000, 5432, 8080, 9090), { maxLength: 3 })
        .map((ports) => ports.sort((a, b) => a - b)),
      phase: fc.constantFrom<Container['phase'][]>('running', 'running', 'stopped', 'paused', 'created'),
      health: fc.constantFrom<Container['health'][]>(undefined, 'starting', 'healthy', 'unhealthy'),
      createdAt: fc.constantFrom(STARTED, STARTED + 1, STARTED + 2),
      hasAddress: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((all) =>
    all.map(({ hasAddress, ...given }, index): Container => {
      const one = container(given.name, index + 2, given);
      return hasAddress ? one : { ...one, addresses: ['nonsense;', `10.87.1.${index + 2}`] };
    }),
  );
const probes = fc
  .array(
    fc.record({
      host: fc.integer({ min: 2, max: 9 }),
      port: fc.constantFrom(80, 3000, 8080, 9090),
      accepts: fc.boolean(),
      speaksHttp: fc.constantFrom(undefined, true, false),
    }),
    { maxLength: 10 },
  )
  .map((all) => all.map(({ host, port, ...answer }): Probe => probe(`10.87.1.${host}`, port, answer)));

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** All that nginx gets of a model is harmless there. */
function expectSafe(model: Model, all: readonly Container[]): void {
  const addresses = new Map(all.map((one) => [one.id, one.addresses]));
  for (const { id, hosts, path, options, backends } of model.routes) {
    expect(id).toMatch(/^[a-z0-9-]{1,200}$/);
    expect(hosts.length).toBeGreaterThan(0);
    for (const host of hosts) {
      expect(host).toMatch(HOST);
      expect(host).not.toMatch(
        /(^|\.)localhost$|^flatnet\.local$|^[\d.]+$|^\d+([.-])\d+\2\d+\2\d+\.flatnet\.local$/,
      );
    }
    expect(path).toMatch(/^\/([A-Za-z0-9._~-]+\/)*$/);
    expect(path).not.toMatch(/\/\.\.?\//);
    expect(['http', 'https', 'h2c', 'grpc']).toContain(options.scheme);
    expect(Number.isSafeInteger(options.bodyLimit) && options.bodyLimit >= 0).toBe(true);
    expect(options.timeout).toBeGreaterThanOrEqual(1);
    expect(options.access.every((cidr) => parseCidr(cidr) !== undefined)).toBe(true);
    expect(options.auth ?? 'x').toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
    expect(backends.length).toBeGreaterThan(0);
    for (const { containerID, address, port, since } of backends) {
      expect(addresses.get(containerID)).toContain(address);
      expect(address).toMatch(/^10\.87\.1\.\d+$/);
      expect(PORT.parse(String(port))).toBe(port);
      expect(since).toBeLessThanOrEqual(NOW);
    }
  }
}

describe('planModel(), whatever the labels are', () => {
  it('lets nothing into a route that has not passed its grammar, and no address but the own ones', () => {
    fc.assert(
      fc.property(containers, probes, (all, answers) => {
        expectSafe(plan(all, { probes: answers, settings }), all);
      }),
      { numRuns: 150 },
    );
  });

  it('gives each host and path to one route, and each route an id of its own', () => {
    fc.assert(
      fc.property(containers, probes, (all, answers) => {
        const { routes, services } = plan(all, { probes: answers, settings });
        const places = routes.flatMap(({ hosts, path }) => hosts.map((host) => host + path));
        expect(new Set(places).size).toBe(places.length);
        const ids = routes.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(services.flatMap((one) => one.routes).every((id) => ids.includes(id))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('lists each container, and says why it is not served', () => {
    fc.assert(
      fc.property(containers, probes, (all, answers) => {
        const { services } = plan(all, { probes: answers, settings });
        expect(services.map((one) => one.container.id).sort()).toEqual(all.map(({ id }) => id).sort());
        for (const { routes, refusals } of services)
          expect(routes.length + refusals.length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });

  it('does not depend on the order of the containers, and equal looks make equal models', () => {
    const shuffled = containers.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, probes, ([all, other], answers) => {
        const model = plan(all, { probes: answers, settings });
        expect(plan(other, { probes: answers, settings })).toEqual(model);
        const again = plan(structuredClone(all), { probes: answers, settings, previous: model });
        expect(plan(other, { probes: answers, settings, previous: model })).toEqual(again);
      }),
      { numRuns: 100 },
    );
  });

  it('stands still when nothing changes: a second turn makes the same model', () => {
    fc.assert(
      fc.property(containers, probes, (all, answers) => {
        const first = plan(all, { probes: answers, settings });
        const second = plan(all, { probes: answers, settings, previous: first });
        const third = plan(all, { probes: answers, settings, previous: second, now: NOW + 1 });
        expect(third.routes.map(({ id, hosts }) => [id, hosts])).toEqual(
          first.routes.map(({ id, hosts }) => [id, hosts]),
        );
        expect(plan(all, { probes: answers, settings, previous: second })).toEqual(second);
      }),
      { numRuns: 100 },
    );
  });

  it('portsToTry() leads to the own addresses only', () => {
    fc.assert(
      fc.property(containers, (all) => {
        for (const one of all) {
          for (const { address, port } of portsToTry(one, settings)) {
            expect(one.addresses).toContain(address);
            expect(PORT.parse(String(port))).toBe(port);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the Forgejo of the guide', () => {
  it('is served without any label: port 3000, forgejo.local', () => {
    const forgejo = container('forgejo', 2, {
      id: idOf(0xf0),
      exposed: [22, 3000],
      addresses: ['10.87.1.2'],
    });
    const model = plan([forgejo], { probes: [probe('10.87.1.2', 3000)] });
    expect(model.routes).toEqual([
      {
        id: 'forgejo',
        hosts: ['forgejo.local', 'forgejo.flatnet.local'],
        path: '/',
        options: {
          scheme: 'http',
          strip: false,
          bodyLimit: 0,
          timeout: 3600,
          stream: false,
          access: [],
          auth: undefined,
        },
        backends: [
          {
            container: 'forgejo',
            containerID: idOf(0xf0),
            address: '10.87.1.2',
            port: 3000,
            state: 'ready',
            since: STARTED + 1000,
            exitCode: undefined,
          },
        ],
        portReason: { by: 'only-web-port', exposed: [22, 3000] },
        state: 'ready',
      },
    ]);
    expect(model.services).toMatchObject([
      { display: { title: 'forgejo' }, routes: ['forgejo'], refusals: [] },
    ]);
    expect(model.addresses).toEqual(['10.87.1.2']);
  });
});
