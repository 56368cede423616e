import { UNBOUNDED } from '../../sys/context.ts';
import { isPresent, removeFile, replaceText } from '../../sys/files/text-file.ts';
import { run } from '../../sys/process/run.ts';
import { findTool } from '../../sys/process/tool.ts';
import { CliError } from '../failure.ts';
import { hasSystemd } from '../forwarding/persist.ts';

/** How a distribution installs nginx, and the module that follows addresses without a reload where it has one. */
export interface NginxPackages {
  readonly tool: string;
  readonly args: readonly string[];
}

/** Fedora and RHEL have no package of the Lua module; there the gateway reloads nginx for a new address. */
export function packagesFor(distribution: readonly string[]): NginxPackages | undefined {
  if (distribution.includes('debian')) {
    return {
      tool: 'apt-get',
      args: ['install', '--yes', '--no-install-recommends', 'nginx', 'libnginx-mod-http-lua'],
    };
  }
  if (distribution.some((one) => one === 'fedora' || one === 'rhel')) {
    return { tool: 'dnf', args: ['install', '--assumeyes', 'nginx'] };
  }
  if (distribution.some((one) => one === 'suse' || one === 'opensuse')) {
    return { tool: 'zypper', args: ['--non-interactive', 'install', 'nginx'] };
  }
  return distribution.includes('arch')
    ? { tool: 'pacman', args: ['--sync', '--noconfirm', 'nginx'] }
    : undefined;
}

export function hasNginx(): boolean {
  return findTool('nginx') !== undefined || findTool('openresty') !== undefined;
}

export function commandLine({ tool, args }: NginxPackages): string {
  return [tool, ...args].join(' ');
}

/** Debian's scripts ask it before they start a service (deb-systemd-invoke(1p)). */
const POLICY = '/usr/sbin/policy-rc.d';
const TIMEOUT_MS = 600_000;

/** The distribution's own nginx would take port 80 with its welcome page, now and at each boot. */
async function withoutStart(install: () => Promise<unknown>): Promise<void> {
  const isOurs = !isPresent(POLICY);
  if (isOurs) replaceText(POLICY, '#!/bin/sh\nexit 101\n', 0o755);
  try {
    await install();
  } finally {
    if (isOurs) removeFile(POLICY);
  }
  if (hasSystemd()) {
    await run({ tool: 'systemctl', args: ['disable', 'nginx.service'], timeoutMs: 30_000 }, UNBOUNDED);
  }
}

/**
 * Installs nginx, whose service of the distribution stays off.
 * @throws CliError with the package manager's own words.
 */
export async function installNginx(packages: NginxPackages): Promise<void> {
  const { tool, args } = packages;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await withoutStart(() => run({ tool, args, env, timeoutMs: TIMEOUT_MS }, UNBOUNDED));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('Cannot install nginx', `${why}\nsudo ${commandLine(packages)}`, cause);
  }
}
