import { readText } from './files/text-file.ts';

/** `6.6.87.2-microsoft-standard-WSL2`. */
export function kernelRelease(): string {
  return (readText('/proc/sys/kernel/osrelease') ?? '').trim();
}

/** WSL's kernels name Microsoft in their release. */
export function isWslRelease(release: string): boolean {
  return /microsoft|wsl/i.test(release);
}

/** How to load missing kernel modules, in words and commands. Kernels of WSL are updated with WSL itself. */
export function moduleRemedy(modules: readonly string[], release = kernelRelease()): string {
  return isWslRelease(release)
    ? 'in Windows, run "wsl --update" and "wsl --shutdown"; a custom kernel ("kernel=" in .wslconfig) needs "kernelModules=" beside it'
    : `load it: sudo modprobe -a ${modules.join(' ')}; if it is not found, install the kernel's modules (linux-modules-extra-${release} on Ubuntu)`;
}
