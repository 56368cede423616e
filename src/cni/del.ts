import { detach } from '../attachment/detach.ts';
import type { Host } from '../sys/process/host.ts';
import { dispatch } from './dispatch.ts';
import type { CniRequest } from './types.ts';
import type { Verb } from './verb.ts';

async function del({ job }: CniRequest): Promise<void> {
  await detach(job);
}

/** DEL (SPEC section 2). Absent is success; a delegated plugin's error is returned (SPEC section 4). */
const DEL: Verb = {
  name: 'DEL',
  required: ['CNI_CONTAINERID', 'CNI_IFNAME'],
  since: '0.1.0',
  isInterruptible: false,
  isTolerant: true,
  run: del,
};

/** Serves DEL; returns the exit code. */
export function serveDel(host: Host): Promise<number> {
  return dispatch(host, DEL);
}
