import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { createMachine, expectSuccess, type Machine } from './machine.ts';
import { shareOut } from './pool.ts';

/** `npm run soak` sets 2,000. */
const CYCLES = Number(process.env['FLATNET_SOAK_CYCLES'] ?? 80);
const AT_ONCE = 8;

/** Kernel memory that a leak of links, rules or namespaces would grow, in kB. */
async function unreclaimable(): Promise<number> {
  const meminfo = await readFile('/proc/meminfo', 'utf8');
  return Number(/^SUnreclaim:\s+(\d+)/m.exec(meminfo)?.[1]);
}

async function figures(machine: Machine): Promise<Record<string, number>> {
  const count = async (script: string) => Number(await machine.host.run(['sh', '-c', `${script} | wc -l`]));
  return {
    files: await count('find /var/lib /run -xdev'),
    links: await count('ip -o link show'),
    rules: await count('nft list ruleset'),
    connections: await count('conntrack -L 2>/dev/null | grep -v 224.0.0 || true'),
    log: await count('cat /var/log/flatnet/cni.log'),
    slabKilobytes: await unreclaimable(),
  };
}

test(
  `${CYCLES} containers, ${AT_ONCE} at a time, leave nothing behind`,
  { timeout: 60_000 + CYCLES * 2_000 },
  async () => {
    await ensureExecutable();
    await using machine = await createMachine();
    const sandboxes = await Promise.all(Array.from({ length: AT_ONCE }, () => machine.host.addSandbox()));
    const cycle = async (netns: string, number: number): Promise<void> => {
      const containerID = `soak${number}`;
      const added = await machine.call('ADD', { netns, containerID });
      expectSuccess(added);
      expectSuccess(await machine.call('DEL', { netns, containerID }));
      durations.push(added.ms);
    };
    const durations: number[] = [];
    // The first ones fill the memory of released addresses.
    await shareOut(
      sandboxes,
      Array.from({ length: 2 * AT_ONCE }, (_, at) => at),
      ({ path }, number) => cycle(path, number),
    );
    const before = await figures(machine);
    const start = performance.now();
    await shareOut(
      sandboxes,
      Array.from({ length: CYCLES }, (_, at) => 1_000 + at),
      ({ path }, number) => cycle(path, number),
    );
    const seconds = (performance.now() - start) / 1000;
    const after = await figures(machine);

    const median = durations.sort((a, b) => a - b)[Math.floor(durations.length / 2)];
    console.info(
      JSON.stringify({ cycles: CYCLES, seconds: Math.round(seconds), medianAddMs: median, before, after }),
    );
    for (const what of ['files', 'links', 'rules', 'connections'])
      expect(after[what], what).toBe(before[what]);
    expect(after['log']).toBe((before['log'] ?? 0) + 2 * CYCLES);
  },
);
