import type { GroupSpec } from '../command.ts';
import { CHECK } from './gateway/check.ts';
import { GATEWAY_DISABLE } from './gateway/disable.ts';
import { GATEWAY_ENABLE } from './gateway/enable.ts';
import { GATEWAY_RELOAD } from './gateway/reload.ts';
import { ROUTES } from './gateway/routes.ts';
import { GATEWAY_STATUS } from './gateway/status.ts';

export const GATEWAY: GroupSpec = {
  name: 'gateway',
  summary: 'let browsers on the LAN reach containers by name',
  description:
    'flatnetd finds the containers that speak HTTP and writes the configuration of an nginx of its own; nginx carries the ' +
    'traffic, also while flatnetd does not run. Nothing that starts a container waits for either.',
  commands: [GATEWAY_ENABLE, GATEWAY_DISABLE, GATEWAY_STATUS, ROUTES, CHECK, GATEWAY_RELOAD],
};
