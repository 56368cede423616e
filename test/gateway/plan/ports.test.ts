import { describe, expect, it } from 'vitest';
import type { Container, Probe } from '../../../src/gateway/model.ts';
import { indexPast } from '../../../src/gateway/plan/past.ts';
import { portsToTry } from '../../../src/gateway/plan/ports-to-try.ts';
import { container, NOW, plan, probe, refusalsOf, routeOf, SETTINGS, withGateway } from './samples.ts';

const AT = '10.87.1.2';
const answers = (port: number): Probe => probe(AT, port, { speaksHttp: true });
const refuses = (port: number): Probe => probe(AT, port, { accepts: false });

const served = (given: Partial<Container>, probes: readonly Probe[] = []) => {
  const model = plan([container('web', 2, given)], { probes });
  const route = routeOf(model, 'web');
  return route === undefined
    ? refusalsOf(model, 'web')[0]
    : { port: route.backends[0]!.port, reason: route.portReason };
};

describe('the port of a container', () => {
  it('is that of the label, whatever is exposed', () => {
    expect(served({ labels: { 'flatnet.port': '22' }, exposed: [80] })).toEqual({
      port: 22,
      reason: { by: 'label', label: 'flatnet.port' },
    });
  });

  it.each([
    [[22, 3000], 3000],
    [[3000], 3000],
    [[22, 25, 53, 3306, 5432, 5672, 6379, 9042, 11_211, 27_017, 9999], 9999],
  ])('of those exposed (%j) is the only one that is for browsers', (exposed, port) => {
    expect(served({ exposed })).toEqual({ port, reason: { by: 'only-web-port', exposed } });
  });

  it('is the first that answers HTTP where several are exposed', () => {
    const exposed = [443, 3000, 8080, 9090];
    expect(served({ exposed }, [answers(443), answers(3000), refuses(8080), answers(9090)])).toEqual({
      port: 3000,
      reason: { by: 'first-answer', tried: [8080, 3000] },
    });
    expect(served({ exposed }, [answers(9090), answers(443)])).toMatchObject({ port: 443 });
  });

  it('is one of the usual where nothing is exposed', () => {
    expect(served({ exposed: [] }, [answers(5000), answers(8000)])).toEqual({
      port: 8000,
      reason: { by: 'first-answer', tried: [80, 8080, 3000, 8000] },
    });
    expect(served({ exposed: [] }, [answers(9000)])).toMatchObject({ why: 'no-web-port' });
  });

  it('is none of those that accept connections but speak no HTTP', () => {
    const mute = probe(AT, 80, { speaksHttp: false });
    expect(served({ exposed: [80, 81] }, [mute])).toEqual({
      why: 'no-web-port',
      exposed: [80, 81],
      tried: [80],
    });
  });

  it.each([[[5432]], [[3306, 22]], [[6379]]])('a database alone (%j) is never served', (exposed) => {
    const probes = exposed.map(answers);
    expect(served({ exposed }, probes)).toEqual({ why: 'no-web-port', exposed, tried: [] });
    expect(portsToTry(container('db', 2, { exposed }), SETTINGS)).toEqual([]);
  });

  it('leaves the port of another service of the container to that one', () => {
    const labels = { 'flatnet.console.host': 'console.local', 'flatnet.console.port': '9001' };
    expect(served({ exposed: [9000, 9001], labels })).toEqual({
      port: 9000,
      reason: { by: 'only-web-port', exposed: [9000] },
    });
    expect(served({ exposed: [9001], labels })).toMatchObject({ port: 9001 });
  });
});

describe('a port that was found by asking', () => {
  const exposed = [8080, 9090];
  const web = (given: Partial<Container> = {}) => container('web', 2, { exposed, ...given });
  const first = plan([web()], { probes: [answers(9090)] });
  const portOf = (given: Partial<Container>, probes: readonly Probe[], previous = first) =>
    routeOf(plan([web(given)], { probes, previous }), 'web')?.backends[0]?.port;

  it('stays when an earlier one of the list answers later', () => {
    const next = plan([web()], { probes: [answers(8080), answers(9090)], previous: first });
    expect(routeOf(next, 'web')).toMatchObject({
      backends: [{ port: 9090 }],
      portReason: { by: 'first-answer', tried: [8080, 9090] },
    });
  });

  it('stays when it stops answering, and while the container is stopped', () => {
    expect(portOf({}, [answers(8080), refuses(9090)])).toBe(9090);
    expect(portOf({ phase: 'stopped' }, [])).toBe(9090);
  });

  it('is waited for after a restart, and given up only if it does not come back', () => {
    const probes = [answers(8080), refuses(9090)];
    const restarted = { startedAt: NOW - 10_000 };
    const next = plan([web(restarted)], { probes, previous: first });
    expect(routeOf(next, 'web')!.backends[0]).toMatchObject({ port: 9090, state: 'starting' });
    expect(portOf(restarted, probes, next)).toBe(9090);
    const late = plan([web(restarted)], { probes, previous: next, now: NOW + 60_000 });
    expect(routeOf(late, 'web')!.backends[0]).toMatchObject({ port: 8080, state: 'ready' });
  });

  it('is chosen anew for another container of that name', () => {
    const other = container('web', 3, { exposed, addresses: [AT] });
    const model = plan([other], { probes: [answers(8080), answers(9090)], previous: first });
    expect(routeOf(model, 'web')!.backends[0]!.port).toBe(8080);
  });
});

describe('portsToTry()', () => {
  const tried = (given: Partial<Container>, settings = SETTINGS) =>
    portsToTry(container('web', 2, given), settings);

  it('asks the candidates for HTTP where the port is not certain, in the order of the choice', () => {
    expect(tried({ exposed: [] }).map(({ port, http }) => ({ port, http }))).toEqual(
      [80, 8080, 3000, 8000, 5000].map((port) => ({ port, http: true })),
    );
    expect(tried({ exposed: [22, 443, 5000, 8081] }).map(({ port }) => port)).toEqual([5000, 443, 8081]);
  });

  it('tries a certain port for connections only, at the address of the container', () => {
    expect(tried({ exposed: [22, 3000] })).toEqual([{ address: AT, port: 3000, http: false }]);
    expect(tried({ labels: { 'flatnet.port': '9' }, exposed: [1, 2] })).toEqual([
      { address: AT, port: 9, http: false },
    ]);
  });

  it('tries the ports of all services', () => {
    const labels = { 'flatnet.a.host': 'a.local', 'flatnet.a.port': '9001' };
    expect(tried({ labels, exposed: [9000, 9001] }).map(({ port }) => port)).toEqual([9001, 9000]);
  });

  it.each<[string, Partial<Container>]>([
    ['is not running', { phase: 'stopped' }],
    ['is not on flatnet', { addresses: [] }],
    ['is not to be served', { labels: { 'flatnet.enable': 'false' } }],
    ['has a label that stops it', { labels: { 'flatnet.host': '*' } }],
  ])('leaves a container alone that %s', (_, given) => {
    expect(tried(given)).toEqual([]);
  });

  it('leaves a container alone that nobody opted in', () => {
    expect(tried({}, withGateway({ expose: 'labelled' }))).toEqual([]);
  });

  it('does not ask ten thousand ports', () => {
    const exposed = Array.from({ length: 10_000 }, (_, index) => 20_000 + index);
    expect(tried({ exposed })).toHaveLength(32);
  });

  it('asks no more for HTTP once a port was found', () => {
    const web = container('web', 2, { exposed: [80, 81] });
    const previous = plan([web], { probes: [answers(81)] });
    for (const past of [previous, indexPast(previous)]) {
      expect(portsToTry(web, SETTINGS, past)).toEqual([{ address: AT, port: 81, http: false }]);
    }
  });
});
