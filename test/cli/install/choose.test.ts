import { describe, expect, it } from 'vitest';
import { backendInUse, type BackendSources, NO_BACKEND } from '../../../src/cli/facts/backend.ts';
import { chooseBackend, chooseForImage } from '../../../src/cli/install/choose.ts';

const NEW = { path: '/usr/lib/podman/netavark', version: '1.14.0', canRunDrivers: true };
const OLD = { path: '/usr/lib/podman/netavark', version: '1.4.0', canRunDrivers: false };

function factsOf(sources: Partial<BackendSources>) {
  const known = {
    podman: '4.9.4',
    netavark: NEW,
    configured: undefined,
    stored: undefined,
    hasConflists: false,
    ...sources,
  };
  return { ...known, ...backendInUse(known) };
}

describe('chooseBackend()', () => {
  it.each<[string, Partial<BackendSources>, string, string]>([
    ['no Podman: other runtimes', { podman: undefined }, 'cni', 'Podman is not installed'],
    ['Ubuntu 22.04', { podman: '3.4.4', netavark: undefined }, 'cni', 'Podman 3.4.4 knows no drivers'],
    ['Debian 12', { podman: '4.3.1', netavark: OLD }, 'cni', 'Podman 4.3.1 knows no drivers'],
    ['Ubuntu 24.04', { podman: '4.9.3', netavark: OLD }, 'cni', 'netavark 1.4.0 knows no drivers'],
    ['Podman 4.9 without netavark', { netavark: undefined }, 'cni', 'netavark is not installed'],
    ['RHEL 9.4 on CNI', { configured: 'cni' }, 'cni', 'network_backend is "cni"'],
    ['RHEL 9.4 that chose CNI once', { stored: 'cni' }, 'cni', 'stored that'],
    ['RHEL 9.4', { stored: 'netavark' }, 'netavark', 'Podman 4.9.4 uses netavark'],
    ['Debian 13', { podman: '5.4.2' }, 'netavark', 'Podman 5.4.2 knows no other'],
    ['Podman 5 whose netavark is to be renewed', { podman: '5.4.2', netavark: OLD }, 'netavark', 'no other'],
    ['Podman 6', { podman: '6.0.1', configured: 'cni' }, 'netavark', 'Podman 6.0.1 knows no other'],
  ])('%s', (_, sources, backend, why) => {
    const choice = chooseBackend(factsOf(sources));
    expect(choice.backend).toBe(backend);
    expect(choice.why).toContain(why);
  });

  it('takes what was typed', () => {
    expect(chooseBackend(factsOf({ podman: '5.4.2' }), 'cni').backend).toBe('cni');
    expect(chooseBackend(NO_BACKEND, 'netavark').backend).toBe('netavark');
  });

  it('takes CNI for an image, of whose Podman it knows nothing', () => {
    expect(chooseForImage(undefined)).toMatchObject({
      backend: 'cni',
      why: expect.stringContaining('--backend'),
    });
    expect(chooseForImage('netavark').backend).toBe('netavark');
  });
});
