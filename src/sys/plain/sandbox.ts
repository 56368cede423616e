import type { Limits } from '../limits.ts';
import { CommandError } from '../process/run.ts';
import { runSync } from '../process/run-sync.ts';
import type { Setting } from './way.ts';

/*
 * Work in another network namespace besides links: /proc/sys/net is that of the process that opens it, so `nsenter`
 * starts a program that does.
 */

/** `undefined` if the kernel has no such key. */
export function readSysctl(netnsFd: number, key: string, limits: Limits): string | undefined {
  try {
    return runSync({ tool: 'cat', args: [`/proc/sys/${key}`], netnsFd }, limits).stdout.trim();
  } catch (error) {
    if (error instanceof CommandError && /No such file/.test(error.completed.stderr)) return undefined;
    throw error;
  }
}

/** @throws CommandError with the kernel's message about key and value. */
export function writeSysctl(netnsFd: number, { key, value }: Setting, limits: Limits): void {
  runSync({ tool: 'tee', args: [`/proc/sys/${key}`], input: value, netnsFd }, limits);
}

/** False for the descriptor of a namespace of another kind: setns(2) refuses it as invalid. */
export function mayBeNetns(netnsFd: number, limits: Limits): boolean {
  try {
    runSync({ tool: 'true', args: [], netnsFd }, limits);
    return true;
  } catch (error) {
    return !(error instanceof CommandError && /Invalid argument/.test(error.completed.stderr));
  }
}
