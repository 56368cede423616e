import * as z from 'zod/mini';
import { FlatnetError } from '../../input/error.ts';
import { parseAs, whenNeeded } from '../../input/schema.ts';
import type { Container, Labels } from '../model.ts';

/*
 * Podman's JSON, of the command and of the API alike. Of its many keys only those are read that the gateway needs; Go writes
 * `null` for an empty list or map.
 */

/** A container as a listing has it. Times are seconds since 1970, negative for never. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  /** Whether it only holds the namespaces of a pod. */
  readonly isInfra: boolean;
  readonly image: string;
  readonly imageID: string;
  readonly phase: Container['phase'];
  readonly health: Container['health'];
  readonly labels: Labels;
  readonly networks: readonly string[];
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly stoppedAt: number | undefined;
  readonly exitCode: number | undefined;
}

const labels = z.nullish(z.record(z.string(), z.string()));

const LIST = whenNeeded(() =>
  z.array(
    z.object({
      Id: z.string(),
      Names: z.nullish(z.array(z.string())),
      Image: z.nullish(z.string()),
      ImageID: z.nullish(z.string()),
      State: z.string(),
      Status: z.nullish(z.string()),
      Labels: labels,
      Networks: z.nullish(z.array(z.string())),
      IsInfra: z.nullish(z.boolean()),
      Created: z.nullish(z.union([z.number(), z.string()])),
      StartedAt: z.nullish(z.number()),
      ExitedAt: z.nullish(z.number()),
      ExitCode: z.nullish(z.number()),
    }),
  ),
);

const ports = z.nullish(z.record(z.string(), z.unknown()));

const DETAILS = whenNeeded(() =>
  z.array(
    z.object({
      Id: z.string(),
      Config: z.nullish(z.object({ ExposedPorts: ports, Labels: labels })),
      NetworkSettings: z.nullish(z.object({ Ports: ports })),
      HostConfig: z.nullish(z.object({ NetworkMode: z.nullish(z.string()) })),
    }),
  ),
);

function refuse(what: string) {
  return ({ path, expected }: { readonly path: readonly PropertyKey[]; readonly expected: string }) =>
    new FlatnetError('malformed', `Cannot read what Podman says of ${what}`, {
      details: `${path.map(String).join('.')}: expected ${expected}`,
    });
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text.trim() === '' ? '[]' : text);
  } catch (cause) {
    throw new FlatnetError('malformed', `Cannot read what Podman says of ${what}`, {
      details: 'it is not JSON',
      cause,
    });
  }
}

/** Words of libpod's `define.ContainerStatus`. */
function phaseOf(state: string): Container['phase'] {
  switch (state) {
    case 'running':
    case 'stopping':
      return 'running';
    case 'paused':
      return 'paused';
    case 'created':
    case 'configured':
    case 'initialized':
      return 'created';
    default:
      return 'stopped';
  }
}

/** The command says "Up 5 seconds (healthy)", the API "healthy". */
function healthOf(status: string): Container['health'] {
  const [, word] = /\b(unhealthy|healthy|starting)\b/.exec(status) ?? [];
  return word === 'healthy' || word === 'unhealthy' || word === 'starting' ? word : undefined;
}

/** Milliseconds; `undefined` for the year 1, which Go writes for never. */
function timeOf(seconds: number | null | undefined): number | undefined {
  return seconds === null || seconds === undefined || seconds <= 0 ? undefined : seconds * 1_000;
}

/** Seconds, or a text in the API. */
function createdOf(created: number | string | null | undefined): number {
  const ms = typeof created === 'string' ? Date.parse(created) : timeOf(created);
  return ms === undefined || Number.isNaN(ms) ? 0 : ms;
}

export function parseList(text: string): readonly Listed[] {
  const list = parseAs(LIST(), parseJson(text, 'the containers'), refuse('the containers'));
  return list.map((one) => {
    const phase = phaseOf(one.State);
    return {
      id: one.Id,
      name: one.Names?.[0] ?? one.Id.slice(0, 12),
      isInfra: one.IsInfra === true,
      image: one.Image ?? '',
      imageID: one.ImageID ?? '',
      phase,
      health: phase === 'running' ? healthOf(one.Status ?? '') : undefined,
      labels: one.Labels ?? {},
      networks: one.Networks ?? [],
      createdAt: createdOf(one.Created),
      startedAt: timeOf(one.StartedAt),
      stoppedAt: phase === 'stopped' ? timeOf(one.ExitedAt) : undefined,
      exitCode: phase === 'stopped' ? (one.ExitCode ?? undefined) : undefined,
    };
  });
}

/** Of a container or an image: what never changes. */
export interface Details {
  /** TCP ports, ascending. */
  readonly exposed: readonly number[];
  readonly labels: Labels;
  /** ID of the container whose network it shares: of a pod's infrastructure container, or `--network container:`. */
  readonly networkOf: string | undefined;
}

function networkOwner(mode: string): string | undefined {
  const [, id] = /^container:([0-9a-f]{64})$/.exec(mode) ?? [];
  return id;
}

function tcpPorts(keys: readonly string[]): readonly number[] {
  const found = keys.flatMap((key) => {
    const [, port] = /^(\d{1,5})(?:\/tcp)?$/.exec(key) ?? [];
    return port === undefined ? [] : [Number(port)];
  });
  return [...new Set(found)].sort((one, other) => one - other);
}

/** What `podman container inspect` and `podman image inspect` print; the API's answer about one is put into a list. */
export function parseDetails(text: string, what: 'a container' | 'an image'): ReadonlyMap<string, Details> {
  const value = parseJson(text, what);
  const list = parseAs(DETAILS(), Array.isArray(value) ? value : [value], refuse(what));
  return new Map(
    list.map(({ Id: id, Config: config, NetworkSettings: settings, HostConfig: host }) => [
      id,
      {
        exposed: tcpPorts([
          ...Object.keys(config?.ExposedPorts ?? {}),
          ...Object.keys(settings?.Ports ?? {}),
        ]),
        labels: config?.Labels ?? {},
        networkOf: networkOwner(host?.NetworkMode ?? ''),
      },
    ]),
  );
}
