import type { GroupSpec } from '../command.ts';
import { DISABLE } from './forwarding/disable.ts';
import { ENABLE } from './forwarding/enable.ts';
import { FORWARDING_STATUS } from './forwarding/status.ts';

export const FORWARDING: GroupSpec = {
  name: 'forwarding',
  summary: 'control forwarding between containers and other networks',
  commands: [ENABLE, DISABLE, FORWARDING_STATUS],
};
