import { beforeAll, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { createStage } from './history.ts';
import type { NetworkName, Port } from './networks.ts';
import type { Add, Del, Operation } from './operations.ts';

const ROUNDS = 60;
const NETWORKS: readonly [NetworkName, NetworkName][] = [
  ['n0', 'n0'],
  ['n0', 'n2'],
  ['n1', 'n3'],
];

beforeAll(() => ensureExecutable(), 180_000);

const port = (hostPort: number): Port => ({ hostPort, protocol: 'tcp' });

/** Beside every reload one container goes, comes and goes, and another one comes, goes and comes; then the other way round. */
function rounds(networks: readonly [NetworkName, NetworkName], count: number): readonly Operation[] {
  const adds = (['a', 'b'] as const).map((container, at): Add => {
    const ports = [port(20001 + at)];
    return { do: 'add', container, network: networks[at]!, ports, isRepeated: true };
  });
  const dels = adds.map(({ container, network }): Del => ({
    do: 'del',
    container,
    network,
    hasNetns: true,
    isRepeated: true,
  }));
  const stays: Add = { do: 'add', container: 'c', network: networks[0], ports: [port(20003)] };
  const turns = Array.from({ length: count }, (_, at): Operation => {
    const [goes, comes] = [at % 2, (at + 1) % 2];
    return {
      do: 'together',
      lanes: [
        [{ do: 'reload' }],
        [dels[goes]!, adds[goes]!, dels[goes]!],
        [adds[comes]!, dels[comes]!, adds[comes]!],
      ],
    };
  });
  return [stays, adds[0]!, ...turns];
}

describe('flatnet reload beside an ADD and a DEL', () => {
  it.each(NETWORKS)('loses and revives no port, on %s and %s', { timeout: 300_000 }, async (...networks) => {
    await using stage = await createStage();
    const { problems, script } = await stage.play(rounds(networks, ROUNDS / NETWORKS.length));
    expect(problems, [...problems, script].join('\n')).toEqual([]);
  });
});
