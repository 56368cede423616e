import fc from 'fast-check';
import { expect } from 'vitest';
import type { Host } from '../../conformance/host.ts';

/** How many inputs; `npm run fuzz` sets 100,000. */
export const RUNS = Number(process.env['FLATNET_FUZZ_RUNS'] ?? 2_000);

const PER_PROCESS = 5_000;
/** What a run may take on a machine that does other things besides. */
export const MS_PER_RUN = 100;

/** What a terminal would obey. */
export const CONTROL = /[\p{Cc}\p{Cf}]/u;

/** Has workers in a throw-away host serve made-up inputs, and yields what each line that they print tells. */
export async function* inBatches(host: Host, worker: string): AsyncGenerator<unknown, void> {
  const [first = 0] = fc.sample(fc.nat(), 1);
  for (let done = 0; done < RUNS; done += PER_PROCESS) {
    const runs = Math.min(PER_PROCESS, RUNS - done);
    const argv = [process.execPath, worker, String(first + done), String(runs)];
    const ended = await host.exec(argv, { timeoutMs: 60_000 + runs * MS_PER_RUN });
    expect(ended.exitCode, `seed ${first + done}\n${ended.stderr}`).toBe(0);
    const lines = ended.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(runs);
    for (const line of lines) yield JSON.parse(line) as unknown;
  }
}
