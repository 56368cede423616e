import { describe, expect, it } from 'vitest';
import { NO_BACKEND } from '../../../src/cli/facts/backend.ts';
import { LAYOUT } from '../../../src/cli/layout.ts';
import { type Surroundings, warningsFor } from '../../../src/cli/migrate/warnings.ts';
import { NO_CONTAINERS_CONF } from '../../../src/sys/containers-conf.ts';

const FIVE: Surroundings = {
  name: 'lab',
  to: 'netavark',
  backend: { ...NO_BACKEND, podman: '5.4.2', inUse: 'netavark', why: 'Podman 5.4.2 knows no other' },
  conf: NO_CONTAINERS_CONF,
  unlisted: undefined,
  hasDriver: true,
};

const warnings = (change: Partial<Surroundings>) => warningsFor({ ...FIVE, ...change });
const left = (...files: readonly string[]) => ({ ...NO_CONTAINERS_CONF, networkBackend: 'cni', files });

describe('warningsFor()', () => {
  it('has nothing to say where Podman reads the network and finds the driver', () => {
    expect(warnings({})).toEqual([]);
    expect(warnings({ to: 'cni', backend: { ...NO_BACKEND, inUse: 'cni' }, hasDriver: false })).toEqual([]);
    expect(warnings({ backend: NO_BACKEND })).toEqual([]);
  });

  it('says that Podman reads networks of the other kind', () => {
    expect(warnings({ to: 'cni' })).toEqual([
      'Podman 5.4.2 uses netavark, because Podman 5.4.2 knows no other: until that changes it does not find network "lab"',
    ]);
  });

  it('finds the setting that flatnet left for Podman 4, with which Podman 5 does not start', () => {
    expect(warnings({ conf: left('/etc/containers/containers.conf', LAYOUT.containersConf) })).toEqual([
      expect.stringMatching(/Podman 5\.4\.2 does not start: sudo rm \S+containers.conf.d\/flatnet.conf$/),
    ]);
    expect(warnings({ conf: left('/srv/own.conf') })).toEqual([
      expect.stringContaining('take it out: sudoedit /srv/own.conf'),
    ]);
    const four = { ...FIVE.backend, podman: '4.9.3', inUse: 'cni' } as const;
    expect(warnings({ to: 'cni', backend: four, conf: left(LAYOUT.containersConf) })).toEqual([]);
  });

  it('says that the driver is missing, and that the list of containers may not be whole', () => {
    const conf = { ...NO_CONTAINERS_CONF, driverDirectories: ['/opt/drivers'] };
    expect(warnings({ conf, hasDriver: false, unlisted: 'Cannot run podman' })).toEqual([
      'There is no driver "flatnet" in /opt/drivers: sudo flatnet install --backend netavark',
      expect.stringMatching(/stopped ones may be missing above: Cannot run podman$/),
    ]);
  });
});
