import { checkReadiness } from '../attachment/readiness.ts';
import type { CniRequest } from './types.ts';

/** STATUS (SPEC 1.1.0 section 2): code 50, with the reason, if an ADD could not work. */
export async function status({ job }: CniRequest): Promise<void> {
  await checkReadiness(job);
}
