import { describe, expect, it } from 'vitest';
import { carriedOver, stampOf } from '../../../src/cli/install/driver-network.ts';
import { askedOf } from '../../../src/cli/network/driver-network.ts';
import { conflistText, DEFAULT_NETWORK } from '../../../src/cli/network/template.ts';
import { parseConflist } from '../../../src/cni/conflist.ts';

const NONE = { subnet: undefined, gateway: undefined, bridge: undefined, noMasq: false, disableDns: false };

describe('askedOf()', () => {
  it('says it in the words of Podman', () => {
    expect(
      askedOf('lab', { ...NONE, subnet: 'fd00:87::/64', gateway: 'FD00:87:0::1', noMasq: true }, true),
    ).toEqual({
      name: 'lab',
      subnet: 'fd00:87::/64',
      gateway: 'fd00:87::1',
      bridge: undefined,
      hasNames: true,
      options: { masquerade: 'false', 'allow-overlap': 'true' },
    });
  });

  it('serves no names where that was typed', () => {
    expect(askedOf('lab', { ...NONE, disableDns: true }, false)).toMatchObject({ hasNames: false });
  });

  it('refuses a gateway without a subnet, and a subnet that is none', () => {
    expect(() => askedOf('lab', { ...NONE, gateway: '10.87.9.1' }, false)).toThrow('without a subnet');
    expect(() => askedOf('lab', { ...NONE, subnet: '10.87.9' }, false)).toThrow('expected a CIDR');
  });
});

describe('carriedOver()', () => {
  const earlier = parseConflist(
    conflistText({ ...DEFAULT_NETWORK, subnet: '10.87.7.0/24', gateway: '10.87.7.254', ipMasq: false }),
    '/etc/cni/net.d/flatnet.conflist',
  );
  const network = earlier.kind === 'flatnet' ? earlier : undefined;

  it('takes subnet, gateway, bridge and masquerade of the conflist of that name', () => {
    expect(carriedOver(NONE, network)).toEqual({
      subnet: '10.87.7.0/24',
      gateway: '10.87.7.254',
      bridge: 'flatnet-br0',
      noMasq: true,
      disableDns: false,
    });
  });

  it('takes nothing where a subnet was typed, or where there is none', () => {
    const typed = { ...NONE, subnet: '10.87.9.0/24' };
    expect(carriedOver(typed, network)).toBe(typed);
    expect(carriedOver(NONE, undefined)).toBe(NONE);
  });
});

describe('stampOf()', () => {
  const id = '9'.repeat(64);

  it('is id and time of a file that is replaced', () => {
    const created = '2026-01-31T08:00:00.5Z';
    expect(stampOf(JSON.stringify({ name: 'lab', id, created, driver: 'bridge' }))).toEqual({ id, created });
  });

  it('makes up a time where there is none, and nothing where there is no id that Podman takes', () => {
    expect(stampOf(JSON.stringify({ id, created: 'lately' }))).toMatchObject({ id });
    expect(stampOf(JSON.stringify({ id: 'lab' }))).toBeUndefined();
    expect(stampOf('{"id":')).toBeUndefined();
    expect(stampOf('')).toBeUndefined();
  });
});
