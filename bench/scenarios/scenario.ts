import type { Rounds, Turn } from '../alternate.ts';
import { type Contender, makeSlots, nextContainer } from '../contenders/contender.ts';
import type { Features } from '../contenders/flatnet.ts';
import type { Row } from '../rows.ts';
import { measure } from '../stopwatch.ts';

/** What every scenario is given. */
export interface Setting extends Rounds {
  /** The flatnet to measure. */
  readonly executable: string;
  /** What "the same features as the peer" means for that executable. */
  readonly features: Features;
}

/** Measures one group of rows. */
export type Scenario = (setting: Setting) => Promise<readonly Row[]>;

/** A turn that attaches one new container and detaches it: "NAME ADD" and "NAME DEL". */
export async function attachAndDetach(contender: Contender, name = contender.name): Promise<Turn> {
  const [slot] = await makeSlots(contender.host, 1);
  return async () => {
    const container = nextContainer(slot!);
    const add = await measure(contender.host, ...contender.add(container));
    const del = await measure(contender.host, ...contender.del(container, add.output));
    return { [`${name} ADD`]: add, [`${name} DEL`]: del };
  };
}
