import { askedFamily } from './asked.ts';
import { createFamily } from './create.ts';
import { crowdFamily } from './crowd.ts';
import { errorsFamily } from './errors.ts';
import { infoFamily } from './info.ts';
import { portsFamily } from './ports.ts';
import { setupFamily } from './setup.ts';
import { teardownFamily } from './teardown.ts';
import type { DriverFamily } from './types.ts';
import { undoFamily } from './undo.ts';

/** Every case for a driver of netavark, in the order of the report. */
export const DRIVER_FAMILIES: readonly DriverFamily[] = [
  infoFamily,
  createFamily,
  setupFamily,
  askedFamily,
  portsFamily,
  teardownFamily,
  undoFamily,
  errorsFamily,
  crowdFamily,
];
