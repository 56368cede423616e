import type { Host } from '../sys/process/host.ts';
import { CHECK } from './check.ts';
import { dispatch } from './dispatch.ts';
import { GC } from './gc.ts';
import { STATUS } from './status.ts';

/** Serves a verb that runtimes call seldom, and refuses one that there is not; returns the exit code. */
export function serveSeldom(host: Host): Promise<number> {
  const name = host.env['CNI_COMMAND'] ?? '';
  return dispatch(
    host,
    [CHECK, GC, STATUS].find((verb) => verb.name === name),
  );
}
