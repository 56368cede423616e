import { UNBOUNDED } from '../../sys/context.ts';
import type { LinkInfo } from '../../sys/process/ip.ts';
import { isWslRelease, kernelRelease } from '../../sys/kernel-release.ts';
import { run, runToEnd } from '../../sys/process/run.ts';
import { listNames, pathInfo, readText } from '../../sys/files/text-file.ts';
import { findTool } from '../../sys/process/tool.ts';
import { parseListeningPorts } from './listeners.ts';

/** Values of `networkingMode` in .wslconfig. */
export const WSL_MODES = ['nat', 'mirrored', 'bridged', 'virtioproxy', 'none'] as const;
export type WslMode = (typeof WSL_MODES)[number];

export interface WslConf {
  readonly hasSystemd: boolean;
  /** `[boot] command=`, which WSL runs when the distribution starts. */
  readonly bootCommand: string | undefined;
}

export interface Wsl extends WslConf {
  /** Whether systemd runs now; /etc/wsl.conf may have been edited since boot. */
  readonly isSystemdRunning: boolean;
  /** Whether `kernelCommandLine` in .wslconfig sets `net.ipv4.ip_forward`. */
  readonly isForwardingInKernelLine: boolean;
  readonly mode: WslMode;
  /** Source address of outgoing packets, at which Windows reaches this Linux. */
  readonly address: string | undefined;
  /** `undefined` if no cgroups are mounted. */
  readonly cgroups: 'v2' | 'v1' | undefined;
  /** TCP ports that Windows' localhost can reach: a process listens on them over IPv4. */
  readonly listening: readonly number[];
}

export function parseWslConf(text: string): WslConf {
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

/** For `wslinfo`, which asks Windows. */
const PATIENCE_MS = 3_000;

/**
 * Without an answer of `wslinfo`, `loopback0` tells: only mirrored mode has it, for packets from Windows' 127.0.0.1.
 */
export function modeOf(links: readonly Pick<LinkInfo, 'ifname'>[], said: string): WslMode {
  const word = said.trim().toLowerCase();
  const told = WSL_MODES.find((mode) => mode === word);
  return told ?? (links.some(({ ifname }) => ifname === 'loopback0') ? 'mirrored' : 'nat');
}

/** Output of `wslinfo`; empty before WSL 2.0, which lacks the program and has only NAT. */
async function askMode(): Promise<string> {
  if (findTool('wslinfo') === undefined) return '';
  const { exitCode, stdout } = await runToEnd(
    {
      tool: 'wslinfo',
      args: ['--networking-mode'],
      env: process.env,
      timeoutMs: PATIENCE_MS,
    },
    UNBOUNDED,
  );
  return exitCode === 0 ? stdout : '';
}

/** For a route lookup; no packet is sent. RFC 5737 leaves TEST-NET-1 unassigned. */
const ELSEWHERE = '192.0.2.254';

export function parseSource(text: string): string | undefined {
  return /\bsrc (\S+)/.exec(text)?.[1];
}

async function askSource(): Promise<string | undefined> {
  try {
    const { stdout } = await run({ tool: 'ip', args: ['-4', 'route', 'get', ELSEWHERE] }, UNBOUNDED);
    return parseSource(stdout);
  } catch {
    // No route.
    return undefined;
  }
}

function cgroupsVersion(): Wsl['cgroups'] {
  const names = listNames('/sys/fs/cgroup');
  if (names.includes('cgroup.controllers')) return 'v2';
  return names.length > 0 ? 'v1' : undefined;
}

/** `undefined` on a kernel that is not WSL's. */
export async function inspectWsl(links: readonly LinkInfo[]): Promise<Wsl | undefined> {
  if (!isWslRelease(kernelRelease())) return undefined;
  const [said, address] = await Promise.all([askMode(), askSource()]);
  return {
    ...parseWslConf(readText('/etc/wsl.conf') ?? ''),
    isSystemdRunning: pathInfo('/run/systemd/system') !== undefined,
    isForwardingInKernelLine: /\bsysctl\.net[./]ipv4[./]ip_forward=1\b/.test(readText('/proc/cmdline') ?? ''),
    mode: modeOf(links, said),
    address,
    cgroups: cgroupsVersion(),
    listening: parseListeningPorts(readText('/proc/self/net/tcp') ?? ''),
  };
}
