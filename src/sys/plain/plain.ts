import { filterBy } from './filter.ts';
import { linksBy } from './links.ts';
import { mayBeNetns, readSysctl, writeSysctl } from './sandbox.ts';
import type { PlainWay } from './way.ts';

export const PLAIN: PlainWay = {
  open: (limits, netnsFd) => {
    const place = { limits, netnsFd };
    return { isPlain: true, ...linksBy(place), ...filterBy(place), [Symbol.dispose]: () => undefined };
  },
  mayBeNetns,
  readSysctl,
  writeSysctl,
};
