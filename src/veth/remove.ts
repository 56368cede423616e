import { isNotFound } from '../sys/ip.ts';
import { linkNames } from '../sys/proc.ts';
import { run } from '../sys/run.ts';

/** Removes a pair by its host end; the kernel takes the other end with it. Absent is success. */
export async function removePair(hostIfname: string): Promise<void> {
  if (!linkNames().has(hostIfname)) return;
  try {
    await run({ tool: 'ip', args: ['link', 'del', 'dev', hostIfname] });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
