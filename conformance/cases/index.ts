import type { Family } from '../case.ts';
import { addFamily } from './add.ts';
import { capabilityFamily } from './capabilities.ts';
import { chainFamily } from './chain.ts';
import { checkFamily } from './check.ts';
import { configurationFamily } from './configuration.ts';
import { delFamily } from './del.ts';
import { environmentFamily } from './environment.ts';
import { gcFamily } from './gc.ts';
import { ipamFamily } from './ipam.ts';
import { killedFamily } from './killed.ts';
import { networksFamily } from './networks.ts';
import { outputFamily } from './output.ts';
import { parallelFamily } from './parallel.ts';
import { resultFamily } from './result.ts';
import { statusFamily } from './status.ts';
import { versionFamily } from './version.ts';

/** Every case, in the order of the report. */
export const FAMILIES: readonly Family[] = [
  versionFamily,
  environmentFamily,
  configurationFamily,
  outputFamily,
  resultFamily,
  addFamily,
  chainFamily,
  delFamily,
  checkFamily,
  gcFamily,
  statusFamily,
  networksFamily,
  parallelFamily,
  killedFamily,
  ipamFamily,
  capabilityFamily,
];
