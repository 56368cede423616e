import { checkReadiness } from '../attachment/readiness.ts';
import type { CniRequest } from './types.ts';
import type { Verb } from './verb.ts';

async function status({ job }: CniRequest): Promise<void> {
  await checkReadiness(job);
}

/** STATUS (SPEC 1.1.0 section 2): code 50, with the reason, if an ADD could not work. */
export const STATUS: Verb = {
  name: 'STATUS',
  required: [],
  since: '1.1.0',
  isInterruptible: true,
  isTolerant: false,
  run: status,
};
