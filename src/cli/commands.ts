import type { Spec } from './command.ts';
import { COMPLETION } from './commands/completion.ts';
import { DOCTOR } from './commands/doctor.ts';
import { EXPLAIN } from './commands/explain.ts';
import { FORWARDING } from './commands/forwarding.ts';
import { GATEWAY } from './commands/gateway.ts';
import { INSTALL } from './commands/install.ts';
import { IPAM } from './commands/ipam.ts';
import { LOGS } from './commands/logs.ts';
import { MAN } from './commands/man.ts';
import { MIGRATE } from './commands/migrate.ts';
import { NAMES } from './commands/names.ts';
import { NETWORK } from './commands/network.ts';
import { PS } from './commands/ps.ts';
import { RELOAD } from './commands/reload.ts';
import { STATUS } from './commands/status.ts';
import { UNINSTALL } from './commands/uninstall.ts';

export const COMMANDS: readonly Spec[] = [
  STATUS,
  PS,
  DOCTOR,
  NAMES,
  GATEWAY,
  EXPLAIN,
  LOGS,
  IPAM,
  NETWORK,
  FORWARDING,
  RELOAD,
  INSTALL,
  MIGRATE,
  UNINSTALL,
  COMPLETION,
  MAN,
];
