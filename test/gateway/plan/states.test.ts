import { describe, expect, it } from 'vitest';
import type { Container, Model, Probe } from '../../../src/gateway/model.ts';
import { container, NOW, plan, probe, refusalsOf, routeOf, STARTED } from './samples.ts';

const AT = '10.87.1.2';
const up = probe(AT, 8080, { since: NOW - 5000 });
const down = probe(AT, 8080, { accepts: false, since: NOW - 3000 });
const web = (given: Partial<Container> = {}) => container('web', 2, { startedAt: NOW - 20_000, ...given });

const stateOf = (given: Partial<Container>, probes: readonly Probe[] = [], previous?: Model, now = NOW) => {
  const model = plan([web(given)], { probes, now, ...(previous === undefined ? {} : { previous }) });
  const { state, since } = routeOf(model, 'web')!.backends[0]!;
  expect(routeOf(model, 'web')!.state).toBe(state);
  expect(model.services[0]).toMatchObject({ state, since });
  return { state, since };
};

describe('the state of a container', () => {
  it.each<[string, Partial<Container>, readonly Probe[], ReturnType<typeof stateOf>]>([
    ['has not been tried', {}, [], { state: 'starting', since: NOW - 20_000 }],
    ['does not accept yet', {}, [down], { state: 'starting', since: NOW - 20_000 }],
    ['accepts', {}, [up], { state: 'ready', since: NOW - 5000 }],
    ['accepts, its check is new', { health: 'starting' }, [up], { state: 'starting', since: NOW - 20_000 }],
    ['accepts, its check fails', { health: 'unhealthy' }, [up], { state: 'unhealthy', since: NOW }],
    ['accepts, its check is well', { health: 'healthy' }, [up], { state: 'ready', since: NOW - 5000 }],
    ['has a check that is well', { health: 'healthy' }, [], { state: 'ready', since: NOW - 20_000 }],
    [
      'only has a check that is well',
      { health: 'healthy' },
      [down],
      { state: 'starting', since: NOW - 20_000 },
    ],
    ['is paused', { phase: 'paused' }, [up], { state: 'paused', since: NOW }],
    [
      'was never started',
      { phase: 'created', startedAt: undefined },
      [],
      { state: 'stopped', since: STARTED + 2 },
    ],
    [
      'was stopped',
      { phase: 'stopped', stoppedAt: NOW - 7, exitCode: 1 },
      [],
      { state: 'stopped', since: NOW - 7 },
    ],
  ])('that %s', (_, given, probes, expected) => {
    expect(stateOf(given, probes)).toEqual(expected);
  });

  it('flatnet.health=ignore leaves its health check out', () => {
    const labels = { 'flatnet.health': 'ignore' };
    expect(stateOf({ labels, health: 'unhealthy' }, [up]).state).toBe('ready');
    expect(stateOf({ labels, health: 'healthy' }, [down]).state).toBe('starting');
  });

  it('is unhealthy, not starting, when it has been ready in this run', () => {
    const ready = plan([web()], { probes: [up] });
    expect(stateOf({}, [down], ready)).toEqual({ state: 'unhealthy', since: NOW - 3000 });
    expect(stateOf({ startedAt: NOW - 1000 }, [down], ready)).toEqual({
      state: 'starting',
      since: NOW - 1000,
    });
  });

  it('is not starting for hours', () => {
    expect(stateOf({ startedAt: NOW - 3_600_000 }, [down]).state).toBe('unhealthy');
  });

  it('keeps its time while it stays', () => {
    const paused = plan([web({ phase: 'paused' })]);
    expect(stateOf({ phase: 'paused' }, [], paused, NOW + 9000)).toEqual({ state: 'paused', since: NOW });
    const ready = plan([web()], { probes: [up] });
    expect(stateOf({}, [{ ...up, since: NOW }], ready, NOW + 9000).since).toBe(NOW - 5000);
  });

  it('is ready anew after a restart that nobody saw', () => {
    const ready = plan([web()], { probes: [up] });
    expect(stateOf({ startedAt: NOW - 100 }, [up], ready)).toEqual({ state: 'ready', since: NOW - 100 });
  });

  it('never began in the future', () => {
    expect(stateOf({ startedAt: NOW + 60_000 }, []).since).toBe(NOW);
  });

  it('tells the exit code of a stopped container only', () => {
    const stopped = plan([web({ phase: 'stopped', stoppedAt: NOW, exitCode: 137 })]);
    expect(routeOf(stopped, 'web')!.backends[0]!.exitCode).toBe(137);
    expect(routeOf(plan([web({ exitCode: 137 })]), 'web')!.backends[0]!.exitCode).toBeUndefined();
  });
});

describe('a container in trouble', () => {
  const outline = ({ routes }: Model) =>
    routes.map(({ id, hosts, path, options, backends, portReason }) => ({
      id,
      hosts,
      path,
      options,
      portReason,
      backends: backends.map(({ container: name, address, port }) => [name, address, port]),
    }));

  it('that crashes in a loop changes its state and nothing of the routes', () => {
    const exposed = [8080, 9090];
    const speaks = { ...up, speaksHttp: true };
    let model = plan([web({ exposed })], { probes: [speaks] });
    const before = outline(model);
    const states = new Set<string>();
    for (let turn = 1; turn <= 20; turn += 1) {
      const now = NOW + turn * 5000;
      const given: Partial<Container> =
        turn % 3 === 0 ? { phase: 'stopped', stoppedAt: now, exitCode: 1 } : { startedAt: now - 1000 };
      const probes = turn % 3 === 1 ? [speaks] : [down];
      model = plan([web({ exposed, ...given })], { probes, now, previous: model });
      states.add(model.routes[0]!.state);
      expect(outline(model)).toEqual(before);
    }
    expect(states).toEqual(new Set(['ready', 'starting', 'stopped']));
  });

  it('that is removed loses its route', () => {
    const model = plan([web(), container('other', 3)]);
    expect(plan([container('other', 3)], { previous: model }).routes.map(({ id }) => id)).toEqual(['other']);
  });
});

describe('a container without a way to it', () => {
  it.each<[string, Partial<Container>, readonly string[] | undefined, object]>([
    ['on no network', { networks: [] }, undefined, { why: 'not-on-flatnet', networks: [] }],
    [
      'on another network',
      { networks: ['podman'] },
      ['flatnet'],
      { why: 'not-on-flatnet', networks: ['podman'] },
    ],
    ['on a network of flatnet', { networks: ['podman', 'flatnet'] }, ['flatnet'], { why: 'no-address' }],
    ['that never ran', { phase: 'created' }, undefined, { why: 'no-address' }],
  ])('%s is listed with the reason', (_, given, networks, refusal) => {
    const look = networks === undefined ? {} : { networks };
    const model = plan([web({ addresses: [], ...given })], look);
    expect(model.routes).toEqual([]);
    expect(refusalsOf(model, 'web')).toEqual([refusal]);
  });

  it('has no route to an address that is none', () => {
    const model = plan([web({ addresses: ['10.87.1.2; return', 'localhost', '010.0.0.1'] })]);
    expect(model.routes).toEqual([]);
    expect(model.addresses).toEqual([]);
  });
});

describe('the addresses that may be asked for', () => {
  it('are those of containers that run, IPv4, in numeric order', () => {
    const model = plan([
      container('a', 100),
      container('b', 20, { addresses: ['10.87.1.20', 'fd00::20'] }),
      container('c', 3, { phase: 'stopped' }),
      container('d', 4, { exposed: [5432] }),
    ]);
    expect(model.addresses).toEqual(['10.87.1.4', '10.87.1.20', '10.87.1.100']);
  });
});
