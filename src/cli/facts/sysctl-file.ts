import { readText } from '../../sys/files/text-file.ts';

export function setsForwarding(path: string): boolean {
  return /^\s*net[./]ipv4[./]ip_forward\s*=\s*1/m.test(readText(path) ?? '');
}
