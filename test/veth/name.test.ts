import { describe, expect, it } from 'vitest';
import { hostIfname, isHostIfname } from '../../src/veth/name.ts';

const BOX = { network: 'flatnet', containerID: 'box', ifname: 'eth0' };

describe('hostIfname()', () => {
  it('is the same for the same attachment in every release: links outlive updates', () => {
    expect(hostIfname(BOX)).toBe('fn2ima4lla12wyx');
  });

  it('differs in network, container and interface', () => {
    const names = [
      hostIfname(BOX),
      hostIfname({ ...BOX, network: 'other' }),
      hostIfname({ ...BOX, containerID: 'box2' }),
      hostIfname({ ...BOX, ifname: 'eth1' }),
    ];
    expect(new Set(names).size).toBe(4);
  });

  it('keeps the parts apart', () => {
    expect(hostIfname({ network: 'a', containerID: 'bc', ifname: 'd' })).not.toBe(
      hostIfname({ network: 'ab', containerID: 'c', ifname: 'd' }),
    );
  });

  it('always fits the kernel and is told from other links', () => {
    for (let i = 0; i < 2000; i++)
      expect(isHostIfname(hostIfname({ ...BOX, containerID: `box${i}` }))).toBe(true);
    expect(isHostIfname('fn0')).toBe(false);
    expect(isHostIfname('veth1234567890a')).toBe(false);
  });
});
