import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALIAS_LIMIT, formatAlias, parseAlias } from '../../src/veth/alias.ts';

const CONTENT = {
  network: 'flatnet',
  containerID: 'f'.repeat(64),
  ifname: 'eth0',
  addresses: ['10.87.1.2/24'],
  gateways: ['10.87.1.1'],
  containerName: 'web',
  time: '2026-02-01T08:00:00.500Z',
};

describe('formatAlias()', () => {
  it('is read back whole', () => {
    expect(parseAlias(formatAlias(CONTENT) ?? '')).toEqual(CONTENT);
  });

  it('fits a Podman container with two families and a name of 60 characters', () => {
    const dual = {
      ...CONTENT,
      containerName: 'n'.repeat(60),
      addresses: ['10.87.1.2/24', 'fd00:1234:5678::2/64'],
      gateways: ['10.87.1.1', 'fd00:1234:5678::1'],
    };
    expect(parseAlias(formatAlias(dual) ?? '')).toEqual(dual);
  });

  it('leaves the name out where it does not fit', () => {
    const { containerName: _, ...nameless } = CONTENT;
    expect(parseAlias(formatAlias({ ...CONTENT, containerName: 'n'.repeat(200) }) ?? '')).toEqual(nameless);
  });

  it('leaves the time out, too, where it does not fit', () => {
    const { containerName: _name, time: _time, ...least } = CONTENT;
    const network = 'n'.repeat(ALIAS_LIMIT - (formatAlias({ ...least, network: '' }) ?? '').length - 1);
    expect(parseAlias(formatAlias({ ...CONTENT, network }) ?? '')).toEqual({ ...least, network });
  });

  it.each(['zzzzzzzzzzzz', '%', ''])('takes %j for no time', (at) => {
    expect(parseAlias(`flatnet/1;net=a;id=b;if=c;at=${at}`)?.time).toBeUndefined();
  });

  it('leaves a name out that could be taken for another field', () => {
    const alias = formatAlias({ ...CONTENT, containerName: 'x;id=other' });
    expect(parseAlias(alias ?? '')?.containerID).toBe(CONTENT.containerID);
    expect(alias).not.toContain('other');
  });

  it('gives nothing rather than an alias the kernel would refuse', () => {
    expect(formatAlias({ ...CONTENT, containerID: 'x'.repeat(250) })).toBeUndefined();
  });

  it('never exceeds the limit and always reads back, for any names', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,120}$/);
    fc.assert(
      fc.property(name, name, name, (network, containerID, containerName) => {
        const alias = formatAlias({ ...CONTENT, network, containerID, containerName });
        if (alias === undefined) return;
        expect(Buffer.byteLength(alias)).toBeLessThanOrEqual(ALIAS_LIMIT);
        expect(parseAlias(alias)).toMatchObject({ network, containerID, ifname: 'eth0' });
      }),
    );
  });
});

describe('parseAlias()', () => {
  it.each(['', 'uplink to the office', 'flatnet/1', 'flatnet/1;net=a;id=b', 'flatnet/2;net=a;id=b;if=c'])(
    'takes %j for somebody else’s',
    (alias) => {
      expect(parseAlias(alias)).toBeUndefined();
    },
  );
});
