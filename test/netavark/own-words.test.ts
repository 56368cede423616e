import { expect, it } from 'vitest';
import { inOwnWords } from '../../src/netavark/own-words.ts';

it.each([
  ['Cannot use ipam.ranges[1][0].subnet "x": no', 'Cannot use subnets[1].subnet "x": no'],
  ['Cannot use ipam.ranges[0][0].rangeEnd "x"', 'Cannot use subnets[0].lease_range.end_ip "x"'],
  [
    'Cannot use ips "10.2.0.1": it is excluded by ipam.exclude',
    'Cannot use --ip "10.2.0.1": it is excluded by options.exclude',
  ],
  [
    'choose another subnet, or set "allowOverlap": true in ipam',
    'choose another subnet, or make the network with -o allow-overlap=true',
  ],
  ['Cannot make bridge "x"', 'Cannot make bridge "x"'],
])('inOwnWords() says %j as Podman knows it', (theirs, ours) => {
  expect(inOwnWords(theirs)).toBe(ours);
});
