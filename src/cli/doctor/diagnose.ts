import type { Facts } from '../facts/facts.ts';
import { EXIT } from '../io.ts';
import { checkAddresses } from './addresses.ts';
import type { Finding, Status } from './finding.ts';
import { checkGateway } from './gateway.ts';
import { checkHolders } from './holders.ts';
import { checkHost } from './host.ts';
import { checkKernel } from './kernel.ts';
import { checkNames } from './names.ts';
import { checkNetworks } from './network.ts';
import { checkPlugin } from './plugin.ts';
import { checkPodman } from './podman.ts';
import { checkWsl } from './wsl.ts';

export interface Summary {
  readonly passed: number;
  readonly warnings: number;
  readonly failed: number;
  readonly skipped: number;
  readonly exitCode: number;
}

export function diagnose(facts: Facts): readonly Finding[] {
  return [
    ...checkHost(facts),
    ...checkKernel(facts),
    ...checkPlugin(facts),
    ...checkNetworks(facts),
    ...checkNames(facts),
    ...checkAddresses(facts),
    ...checkHolders(facts),
    ...checkPodman(facts),
    ...checkGateway(facts),
    ...checkWsl(facts),
  ];
}

export function summarize(findings: readonly Finding[]): Summary {
  const number = (status: Status) => findings.filter((finding) => finding.status === status).length;
  const [warnings, failed] = [number('warning'), number('fail')];
  const exitCode = failed > 0 ? EXIT.failure : warnings > 0 ? EXIT.warnings : EXIT.ok;
  return { passed: number('pass'), warnings, failed, skipped: number('skipped'), exitCode };
}
