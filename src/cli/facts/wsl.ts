import { isWslRelease, kernelRelease } from '../../sys/kernel-release.ts';
import { readText } from '../../sys/text-file.ts';

/** What is special about Windows' Linux. */
export interface Wsl {
  /** `[boot] systemd=true` in /etc/wsl.conf. */
  readonly hasSystemd: boolean;
  /** `[boot] command=`, which Windows runs at the start of the distribution. */
  readonly bootCommand: string | undefined;
}

/** Reads /etc/wsl.conf (an INI file). */
export function parseWslConf(text: string): Wsl {
  let section = '';
  const boot = new Map<string, string>();
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) section = header.trim().toLowerCase();
    const at = line.indexOf('=');
    if (section !== 'boot' || at < 0 || line.startsWith('#')) continue;
    boot.set(
      line.slice(0, at).trim().toLowerCase(),
      line
        .slice(at + 1)
        .trim()
        .replaceAll(/^"|"$/g, ''),
    );
  }
  return { hasSystemd: boot.get('systemd')?.toLowerCase() === 'true', bootCommand: boot.get('command') };
}

/** `undefined` where this is no WSL. */
export function inspectWsl(): Wsl | undefined {
  return isWslRelease(kernelRelease()) ? parseWslConf(readText('/etc/wsl.conf') ?? '') : undefined;
}
