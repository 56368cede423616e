import { expect, it } from 'vitest';
import { choosePlain } from '../../../src/sys/plain/choose.ts';

it('choosePlain() takes netlink where this Node can call the C library, unless programs are asked for', async () => {
  expect(await choosePlain(undefined)).toBeUndefined();
  expect(await choosePlain('netlink')).toBeUndefined();
  expect(await choosePlain('ip')).toHaveProperty('open');
});
