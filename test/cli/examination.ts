import { expect } from 'vitest';
import { createLab, type Lab, type LabOptions } from './lab.ts';

/** One finding of `flatnet doctor --json`. */
export interface Finding {
  readonly category: string;
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly suggestion?: string;
}

/** What `flatnet doctor --json` prints. */
export interface Report {
  readonly checks: readonly Finding[];
  readonly fixes?: readonly { readonly check: string; readonly said: string; readonly failed: boolean }[];
  readonly summary: { readonly failed: number; readonly warnings: number; readonly exit_code: number };
}

/** A machine on which everything works: installed, one container attached. */
export async function goodLab(options: LabOptions = {}): Promise<Lab> {
  const lab = await createLab(options);
  const { exitCode, stderr } = await lab.flatnet('install');
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  await lab.attach('web1');
  return lab;
}

/** What needs looking at, one line each: `Host/dns: …`. */
export function troubles({ checks }: Report): readonly string[] {
  return checks
    .filter(({ status }) => status === 'fail' || status === 'warning')
    .map(({ category, name, message }) => `${category}/${name}: ${message}`);
}

/** Runs `flatnet doctor --json`. */
export function doctor(lab: Lab, ...args: readonly string[]): Promise<Report> {
  return lab.json<Report>('doctor', ...args);
}

/** The remedy of the finding of that name. */
export function remedyOf({ checks }: Report, name: string): string | undefined {
  return checks.find((finding) => finding.name === name && finding.suggestion !== undefined)?.suggestion;
}
