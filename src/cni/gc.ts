import { collect } from '../attachment/collect.ts';
import type { CniRequest } from './types.ts';
import type { Verb } from './verb.ts';

async function gc({ conf, job }: CniRequest): Promise<void> {
  if (conf.validAttachments === undefined) {
    job.ctx.trace.warnings.push('GC without "cni.dev/valid-attachments" frees nothing');
    return;
  }
  await collect(job, conf.validAttachments);
}

/**
 * GC (SPEC 1.1.0 section 2). Without `cni.dev/valid-attachments` nothing is freed: `cnitool gc` omits the key, and
 * reading that as "none is valid" would end every container's network.
 */
export const GC: Verb = {
  name: 'GC',
  required: [],
  since: '1.1.0',
  isInterruptible: true,
  isTolerant: false,
  run: gc,
};
