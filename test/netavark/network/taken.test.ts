import { expect, it } from 'vitest';
import { readNetworkFile } from '../../../src/netavark/network/taken.ts';

it('readNetworkFile() finds subnets and bridge of a network of netavark', () => {
  const file = {
    name: 'n',
    network_interface: 'podman1',
    subnets: [{ subnet: '10.89.0.0/24' }, { subnet: 'fd00::/64' }],
  };
  expect(readNetworkFile(JSON.stringify(file), '/n.json')).toEqual({
    name: 'n',
    path: '/n.json',
    subnets: ['10.89.0.0/24', 'fd00::/64'],
    bridges: ['podman1'],
  });
});

it('readNetworkFile() finds them in a list of CNI plugins, old spelling and new', () => {
  const plugins = [
    {
      type: 'bridge',
      bridge: 'cni0',
      ipam: { subnet: '10.1.0.0/24', ranges: [[{ subnet: '10.2.0.0/24' }]] },
    },
    { type: 'portmap' },
  ];
  expect(readNetworkFile(JSON.stringify({ name: 'c', plugins }), '/c.conflist')).toMatchObject({
    subnets: ['10.1.0.0/24', '10.2.0.0/24'],
    bridges: ['cni0'],
  });
});

it.each(['', '{', '[]', '{"name":5,"subnets":7,"plugins":{"x":1}}', 'null'])(
  'readNetworkFile() takes nothing from %j',
  (text) => {
    const { subnets = [], bridges = [] } = readNetworkFile(text, '/x.json') ?? {};
    expect([...subnets, ...bridges]).toEqual([]);
  },
);
