import type { Backend } from '../backend.ts';
import { isAtLeast } from '../../input/version.ts';
import { type BackendFacts, NO_BACKEND } from '../facts/backend.ts';

/** What flatnet is installed as, or a network is made for. */
export interface Choice {
  readonly backend: Backend;
  /** A sentence. */
  readonly why: string;
}

/** Why drivers are out of the question; `undefined` where they are not. */
function whyNoDriver({ podman, netavark }: BackendFacts): string | undefined {
  if (podman === undefined) return 'Podman is not installed, and other runtimes use CNI';
  if (isAtLeast(podman, [4, 5]) === false) return `Podman ${podman} knows no drivers of netavark`;
  // Podman 5 has nothing but netavark, which is to be renewed there.
  if (isAtLeast(podman, [5, 0]) === true) return undefined;
  if (netavark === undefined) return 'netavark is not installed';
  return netavark.canRunDrivers === false ? `netavark ${netavark.version} knows no drivers` : undefined;
}

/** As chooseBackend(), for an image. */
export function chooseForImage(forced: Backend | undefined): Choice {
  if (forced !== undefined) return chooseBackend(NO_BACKEND, forced);
  return {
    backend: 'cni',
    why: 'nothing tells the Podman of an image; for Podman 5 type --backend netavark',
  };
}

/**
 * Chooses by versions: a driver needs Podman 4.5 and netavark 1.6. Where both backends are possible, it is the one that
 * Podman uses: to change it would take the networks of every container away.
 *
 * @param forced what was typed.
 */
export function chooseBackend(facts: BackendFacts, forced?: Backend): Choice {
  if (forced !== undefined) return { backend: forced, why: `--backend ${forced} was typed` };
  const none = whyNoDriver(facts);
  if (none !== undefined) return { backend: 'cni', why: none };
  const { podman = '', inUse, why } = facts;
  return inUse === 'cni'
    ? { backend: 'cni', why: `Podman ${podman} uses CNI: ${why}` }
    : { backend: 'netavark', why: `Podman ${podman} uses netavark: ${why}` };
}
