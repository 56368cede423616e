import { checkReadiness } from '../attachment/readiness.ts';
import type { Request } from './types.ts';

/** STATUS (SPEC 1.1.0 section 2): code 50 when an ADD could not work, and why. */
export async function status({ job }: Request): Promise<void> {
  await checkReadiness(job);
}
