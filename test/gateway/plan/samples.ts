import {
  type Container,
  EMPTY_MODEL,
  type Labels,
  type Model,
  type Probe,
  probeKey,
} from '../../../src/gateway/model.ts';
import type { Look } from '../../../src/gateway/plan/look.ts';
import { planModel } from '../../../src/gateway/plan/plan-model.ts';
import type { Settings } from '../../../src/gateway/settings.ts';

/** 2026-01-01T00:00:00Z; containers of these tests are created and started an hour before. */
export const NOW = 1_767_225_600_000;
export const STARTED = NOW - 3_600_000;

export const SETTINGS: Settings = {
  gateway: {
    listen: [{ address: '*', port: 80 }],
    domain: 'flatnet.local',
    expose: 'all',
    foreignLabels: [],
    trustedProxies: [],
    literalHeaders: false,
    passwords: '/etc/flatnet/passwords',
  },
  api: {
    listen: [{ address: '*', port: 8080 }],
    read: ['192.168.0.0/16'],
    write: [],
    hosts: ['gateway.example'],
    tokenFile: '/etc/flatnet/token',
  },
  nginx: { program: 'auto', lua: 'auto' },
  podman: { socket: '/run/podman/podman.sock' },
};

export function withGateway(gateway: Partial<Settings['gateway']>): Settings {
  return { ...SETTINGS, gateway: { ...SETTINGS.gateway, ...gateway } };
}

/** An id that begins with the digits of a number. */
export function idOf(number: number): string {
  return number.toString(16).padStart(12, '0').padEnd(64, '0');
}

/** A running container with one port for browsers, at 10.87.1.NUMBER. */
export function container(name: string, number: number, given: Partial<Container> = {}): Container {
  return {
    id: idOf(number),
    name,
    image: 'localhost/image:latest',
    labels: {},
    imageLabels: {},
    exposed: [8080],
    networks: ['flatnet'],
    addresses: [`10.87.${1 + (number >> 8)}.${number & 255}`],
    phase: 'running',
    health: undefined,
    createdAt: STARTED + number,
    startedAt: STARTED + number,
    stoppedAt: undefined,
    exitCode: undefined,
    ...given,
  };
}

export function probe(address: string, port: number, answer: Partial<Probe> = {}): Probe {
  return { address, port, accepts: true, speaksHttp: undefined, since: STARTED + 1000, ...answer };
}

export interface Given extends Partial<Omit<Look, 'containers' | 'probes'>> {
  readonly probes?: readonly Probe[];
  readonly settings?: Settings;
  readonly previous?: Model;
}

export function plan(containers: readonly Container[], given: Given = {}): Model {
  const { probes = [], settings = SETTINGS, previous = EMPTY_MODEL, ...look } = given;
  const known = new Map(probes.map((one) => [probeKey(one.address, one.port), one]));
  return planModel(
    { now: NOW, quarantine: new Map(), ...look, containers, probes: known },
    settings,
    previous,
  );
}

/** The model of one container with labels. */
export function labelled(
  labels: Labels,
  given: Given & { readonly container?: Partial<Container> } = {},
): Model {
  return plan([container('web', 2, { labels, ...given.container })], given);
}

export function refusalsOf(model: Model, name: string) {
  return model.services.find((service) => service.container.name === name)!.refusals;
}

export function routeOf(model: Model, id: string) {
  return model.routes.find((route) => route.id === id);
}
