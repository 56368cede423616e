import { isAtLeast } from '../../input/version.ts';
import { askNetavark, canRunDrivers, findNetavark } from '../../netavark/release.ts';
import type { ContainersConf } from '../../sys/containers-conf.ts';
import { UNBOUNDED } from '../../sys/context.ts';
import { listNames, readText } from '../../sys/files/text-file.ts';
import { runToEnd } from '../../sys/process/run.ts';
import { findTool } from '../../sys/process/tool.ts';
import { graphRoot } from '../../sys/storage-conf.ts';
import { type Backend, BACKENDS } from '../backend.ts';
import type { NetworkDirectories } from '../network/host-network.ts';

/** netavark on this host. */
export interface NetavarkFacts {
  readonly path: string;
  /** `1.14.0`; empty where it does not say. */
  readonly version: string;
  /** Whether it knows drivers; `undefined` where its version does not tell. */
  readonly canRunDrivers: boolean | undefined;
}

/** What decides on Podman's network backend. Found without starting anything of Podman but `--version`. */
export interface BackendSources {
  /** Version of Podman; `undefined` where it is not installed, empty where it does not say. */
  readonly podman: string | undefined;
  readonly netavark: NetavarkFacts | undefined;
  /** `network_backend` of containers.conf. */
  readonly configured: string | undefined;
  /** What Podman 4 has chosen before (`defaultNetworkBackend` in its storage). */
  readonly stored: string | undefined;
  /** Whether there are conflists besides Podman's own. */
  readonly hasConflists: boolean;
}

/** Podman's network backend. */
export interface BackendFacts extends BackendSources {
  /** `undefined` without Podman. */
  readonly inUse: Backend | undefined;
  /** Completes "because ...". */
  readonly why: string;
}

function backendOf(word: string | undefined): Backend | undefined {
  return BACKENDS.find((backend) => backend === word);
}

/** The choice of Podman 4: the configuration, what it stored, else by what there is (its `network/interface.go`). */
function choiceOfFour(sources: BackendSources): Pick<BackendFacts, 'inUse' | 'why'> {
  const { netavark, hasConflists } = sources;
  const configured = backendOf(sources.configured);
  if (configured !== undefined) return { inUse: configured, why: `network_backend is "${configured}"` };
  const stored = backendOf(sources.stored);
  if (stored !== undefined) return { inUse: stored, why: `it once chose ${stored} and stored that` };
  if (netavark === undefined) return { inUse: 'cni', why: 'netavark is not installed' };
  if (hasConflists) return { inUse: 'cni', why: 'there are networks of CNI' };
  return { inUse: 'netavark', why: 'netavark is installed and nothing else is configured' };
}

/** Podman's backend, by what is known of the host. */
export function backendInUse(sources: BackendSources): Pick<BackendFacts, 'inUse' | 'why'> {
  const { podman } = sources;
  if (podman === undefined) return { inUse: undefined, why: 'Podman is not installed' };
  if (isAtLeast(podman, [5, 0]) === true)
    return { inUse: 'netavark', why: `Podman ${podman} knows no other` };
  if (isAtLeast(podman, [4, 0]) === false) return { inUse: 'cni', why: `Podman ${podman} knows no other` };
  return choiceOfFour(sources);
}

/** Where it could not be found out. */
export const NO_BACKEND: BackendFacts = {
  podman: undefined,
  netavark: undefined,
  configured: undefined,
  stored: undefined,
  hasConflists: false,
  inUse: undefined,
  why: 'the host could not be inspected',
};

async function askPodman(): Promise<string | undefined> {
  if (findTool('podman') === undefined) return undefined;
  const { stdout } = await runToEnd(
    { tool: 'podman', args: ['--version'], env: process.env, timeoutMs: 10_000 },
    UNBOUNDED,
  );
  return /(\d+\.\S+)/.exec(stdout)?.[1] ?? '';
}

/** netavark, and what it can do. */
export async function inspectNetavark(conf: ContainersConf): Promise<NetavarkFacts | undefined> {
  const path = findNetavark(conf);
  if (path === undefined) return undefined;
  const said = await askNetavark(path, UNBOUNDED);
  return { path, version: /(\d+\.\S+)/.exec(said)?.[1] ?? '', canRunDrivers: canRunDrivers(said) };
}

/** What Podman 4 stored in its storage. */
export function storedBackend(root: string): string | undefined {
  return readText(`${root}/defaultNetworkBackend`)?.trim();
}

/** Finds out Podman's backend. */
export async function inspectBackend(
  conf: ContainersConf,
  directories: Pick<NetworkDirectories, 'cni'>,
): Promise<BackendFacts> {
  const [podman, netavark] = await Promise.all([askPodman(), inspectNetavark(conf)]);
  const sources = {
    podman,
    netavark,
    configured: conf.networkBackend,
    stored: storedBackend(graphRoot()),
    hasConflists: listNames(directories.cni).some(
      (name) => name.endsWith('.conflist') && !name.startsWith('87-podman'),
    ),
  };
  return { ...sources, ...backendInUse(sources) };
}
