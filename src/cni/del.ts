import { detach } from '../attachment/detach.ts';
import type { CniRequest } from './types.ts';

/** DEL (SPEC section 2). Absent is success; a delegated plugin's error is returned (SPEC section 4). */
export async function del({ job }: CniRequest): Promise<void> {
  await detach(job);
}
