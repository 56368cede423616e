import { detach } from '../attachment/detach.ts';
import type { Request } from './types.ts';

/** DEL (SPEC section 2). What is gone already is success; SPEC section 4 has a delegated plugin's error returned. */
export async function del({ job }: Request): Promise<void> {
  await detach(job);
}
