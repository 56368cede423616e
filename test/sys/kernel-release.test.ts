import { expect, test } from 'vitest';
import { isWslRelease, moduleRemedy } from '../../src/sys/kernel-release.ts';

test('isWslRelease() knows the kernels of WSL', () => {
  expect(isWslRelease('5.15.153.1-microsoft-standard-WSL2')).toBe(true);
  expect(isWslRelease('6.1.0-18-amd64')).toBe(false);
});

test('moduleRemedy() is an update of WSL there, and modprobe elsewhere', () => {
  expect(moduleRemedy(['ifb'], '6.6.87.2-microsoft-standard-WSL2')).toContain('"wsl --update"');
  expect(moduleRemedy(['ifb', 'sch_tbf'], '6.8.0-31-generic')).toBe(
    "load it: sudo modprobe -a ifb sch_tbf; if it is not found, install the kernel's modules (linux-modules-extra-6.8.0-31-generic on Ubuntu)",
  );
});
