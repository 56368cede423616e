import { describe, expect, it } from 'vitest';
import {
  ancestors,
  bootId,
  isRunning,
  ownProcess,
  parseDefaultRouteLink,
  parseLinkNames,
} from '../../src/sys/proc.ts';

describe('parseLinkNames()', () => {
  it('reads names that touch their counters', () => {
    const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
fn3qtly5cnt2qjo:1234567890123  1    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`;
    expect([...parseLinkNames(text)]).toEqual(['lo', 'fn3qtly5cnt2qjo']);
  });
});

describe('parseDefaultRouteLink()', () => {
  const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  const line = (link: string, destination: string, metric: number, mask: string) =>
    [link, destination, '0101A8C0', '0003', '0', '0', String(metric), mask, '0', '0', '0'].join('\t');

  it('prefers the lowest metric', () => {
    const text = [
      header,
      line('wlan0', '00000000', 600, '00000000'),
      line('eth0', '00000000', 100, '00000000'),
    ].join('\n');
    expect(parseDefaultRouteLink(text)).toBe('eth0');
  });

  it('does not take 0.0.0.0/1, which VPNs set, for the default route', () => {
    expect(
      parseDefaultRouteLink([header, line('tun0', '00000000', 0, '00000080')].join('\n')),
    ).toBeUndefined();
  });
});

describe('ancestors()', () => {
  it('begins with the process that has started this one, and ends before the first of all', () => {
    const found = ancestors();
    expect(found[0]).toBe(process.ppid > 1 ? process.ppid : undefined);
    expect(found).not.toContain(1);
    expect(found).not.toContain(process.pid);
  });
});

describe('isRunning()', () => {
  it('is true for this process', () => {
    expect(isRunning(ownProcess())).toBe(true);
  });

  it('is false for another process of the same pid', () => {
    expect(isRunning({ ...ownProcess(), startTime: '1' })).toBe(false);
  });

  it('is false for no process', () => {
    expect(isRunning({ pid: 2 ** 22 + 1, startTime: '1' })).toBe(false);
  });
});

describe('bootId()', () => {
  it('is the same twice', () => {
    expect(bootId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(bootId()).toBe(bootId());
  });
});
