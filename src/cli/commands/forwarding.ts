import type { GroupSpec } from '../command.ts';
import { DISABLE } from './forwarding/disable.ts';
import { ENABLE } from './forwarding/enable.ts';
import { FORWARDING_STATUS } from './forwarding/status.ts';

export const FORWARDING: GroupSpec = {
  name: 'forwarding',
  summary: 'let packets pass between containers and the world',
  commands: [ENABLE, DISABLE, FORWARDING_STATUS],
};
