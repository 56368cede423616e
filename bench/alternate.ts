import type { Samples } from './rows.ts';
import type { Figures } from './stopwatch.ts';

/** Measures one contender once: figures by name. */
export type Turn = () => Promise<Readonly<Record<string, Figures>>>;

/** How often every contender has its turn. */
export interface Rounds {
  readonly rounds: number;
  /** Rounds before, which do not count: page cache, bridges and chains that the first call makes. */
  readonly warmUp: number;
}

/**
 * Gives all contenders their turns, round by round, so that whatever else the machine does meets all of them. Who
 * begins changes with every round.
 */
export async function alternate(turns: readonly Turn[], { rounds, warmUp }: Rounds): Promise<Samples> {
  const samples: Record<string, Figures[]> = {};
  for (let round = 0; round < warmUp + rounds; round++) {
    const first = round % turns.length;
    for (const turn of [...turns.slice(first), ...turns.slice(0, first)]) {
      const measured = await turn();
      if (round < warmUp) continue;
      for (const [name, figures] of Object.entries(measured)) (samples[name] ??= []).push(figures);
    }
  }
  return samples;
}
