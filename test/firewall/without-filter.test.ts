import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { orWithoutFilter } from '../../src/firewall/without-filter.ts';
import { NetlinkError } from '../../src/sys/netlink/error.ts';

const refused = (errno: number) => () =>
  Promise.reject(new NetlinkError('list generation', errno, undefined));

describe('orWithoutFilter()', () => {
  it.each(['EPROTONOSUPPORT', 'EINVAL', 'EOPNOTSUPP'] as const)(
    'takes %s, what a kernel says that has no nf_tables, for nothing there',
    async (name) => {
      expect(await orWithoutFilter('nothing', refused(constants.errno[name]))).toBe('nothing');
    },
  );

  it('hands on what a caller may not do, and mistakes', async () => {
    await expect(orWithoutFilter('nothing', refused(constants.errno.EPERM))).rejects.toThrow('EPERM');
    await expect(orWithoutFilter('nothing', () => Promise.reject(new Error('mistake')))).rejects.toThrow(
      'mistake',
    );
  });

  it('hands on what there is', async () => {
    expect(await orWithoutFilter('nothing', () => Promise.resolve('something'))).toBe('something');
  });
});
