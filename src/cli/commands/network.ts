import type { GroupSpec } from '../command.ts';
import { CREATE } from './network/create.ts';
import { INSPECT } from './network/inspect.ts';
import { LS } from './network/ls.ts';
import { RM } from './network/rm.ts';

export const NETWORK: GroupSpec = {
  name: 'network',
  summary: 'list, create and remove networks of type flatnet',
  commands: [LS, INSPECT, CREATE, RM],
};
