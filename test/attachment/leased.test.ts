import { expect, it } from 'vitest';
import { subnetOf } from '../../src/attachment/leased.ts';

it.each([
  ['10.87.1.77', 24, '10.87.1.0/24'],
  ['fd00::1:2', 64, 'fd00::/64'],
  ['192.168.7.9', 32, '192.168.7.9/32'],
])('the subnet of %s/%i is %s', (address, prefix, subnet) => {
  const family = address.includes(':') ? 6 : 4;
  expect(subnetOf({ family, address, prefix, gateway: undefined })).toBe(subnet);
});
