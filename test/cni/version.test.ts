import { describe, expect, it } from 'vitest';
import { compareVersions, negotiate, SUPPORTED_VERSIONS, versionReply } from '../../src/cni/version.ts';

describe('negotiate()', () => {
  it.each(SUPPORTED_VERSIONS)('answers %s in %s', (version) => {
    expect(negotiate(version)).toBe(version);
  });

  it.each([undefined, ''])(
    'takes %j for 0.1.0: libcni sends an empty one where a list names none',
    (version) => {
      expect(negotiate(version)).toBe('0.1.0');
    },
  );

  it.each(['9.9.9', '1.0', ' ', '1.0.0 '])(
    'refuses %j with code 1 and lists what is supported',
    (version) => {
      expect(() => negotiate(version)).toThrow(
        expect.objectContaining({ code: 1, details: expect.stringContaining('0.1.0, 0.2.0') }),
      );
    },
  );
});

describe('versionReply()', () => {
  it('echoes the version asked in', () => {
    expect(JSON.parse(versionReply('0.4.0'))).toEqual({
      cniVersion: '0.4.0',
      supportedVersions: SUPPORTED_VERSIONS,
    });
  });

  it('takes an empty version for 0.1.0', () => {
    expect(JSON.parse(versionReply('')).cniVersion).toBe('0.1.0');
  });

  it.each([undefined, '7.0.0', 3, null])('names the newest when asked in %j', (asked) => {
    expect(JSON.parse(versionReply(asked)).cniVersion).toBe('1.1.0');
  });
});

describe('compareVersions()', () => {
  it('orders by age', () => {
    expect(compareVersions('0.4.0', '1.0.0')).toBeLessThan(0);
    expect(compareVersions('1.1.0', '1.0.0')).toBeGreaterThan(0);
    expect(compareVersions('0.3.1', '0.3.1')).toBe(0);
  });
});
