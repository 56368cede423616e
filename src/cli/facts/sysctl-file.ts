import { readText } from '../../sys/files/text-file.ts';

/** Whether a file of sysctl.d(5) makes the kernel forward. */
export function setsForwarding(path: string): boolean {
  return /^\s*net[./]ipv4[./]ip_forward\s*=\s*1/m.test(readText(path) ?? '');
}
