import type { GroupSpec } from '../command.ts';
import { CHECK } from './flatnetd/check.ts';
import { GATEWAY_DISABLE } from './flatnetd/disable.ts';
import { GATEWAY_ENABLE } from './flatnetd/enable.ts';
import { GATEWAY_RELOAD } from './flatnetd/reload.ts';
import { ROUTES } from './flatnetd/routes.ts';
import { GATEWAY_STATUS } from './flatnetd/status.ts';

export const GATEWAY: GroupSpec = {
  name: 'gateway',
  summary: 'let browsers on the LAN reach containers by name',
  description:
    'flatnetd finds the containers that speak HTTP and writes the configuration of an nginx of its own; nginx carries the ' +
    'traffic, also while flatnetd does not run. Nothing that starts a container waits for either.',
  commands: [GATEWAY_ENABLE, GATEWAY_DISABLE, GATEWAY_STATUS, ROUTES, CHECK, GATEWAY_RELOAD],
};
