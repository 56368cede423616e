import { describe, expect, test } from 'vitest';
import { namedPaths } from '../../conformance/named.ts';

const pathsOf = (configuration: unknown): string[] => namedPaths(configuration).map(({ path }) => path);

describe('namedPaths()', () => {
  test('finds a path at any depth, in every plugin of a chain, once', () => {
    const plugins = [
      { type: 'a', ipam: { ranges: [[{ subnet: '10.1.0.0/24' }]], dataDir: '/srv/state/' } },
      { type: 'b', log: { file: '/srv/./b/../b.log' }, args: { list: ['/srv/c', '/srv/c'] } },
    ];

    expect(pathsOf(plugins)).toEqual(['/srv/state', '/srv/b.log', '/srv/c']);
  });

  test.each([
    ['--data-dir=/srv/state', ['/srv/state']],
    ['tool --data-dir /srv/state --log "/srv/log"', ['/srv/state', '/srv/log']],
    ['/srv/a:/srv/b', ['/srv/a:/srv/b', '/srv/a', '/srv/b']],
    ['/srv/with a space', ['/srv/with a space', '/srv/with']],
    ['unix:///srv/agent.sock', ['/srv/agent.sock']],
  ])('finds the paths of the text %j', (text, wanted) => {
    expect(pathsOf({ key: text })).toEqual(wanted);
  });

  test.each(['10.1.0.0/24', 'fd00::/64', '::/0', 'https://example.test/a', 'net/ipv4/ip_forward', 'a/b', ''])(
    'finds none in the text %j',
    (text) => {
      expect(pathsOf({ key: text })).toEqual([]);
    },
  );

  test('finds the keys of objects', () => {
    expect(pathsOf({ files: { '/srv/a': 1 } })).toEqual(['/srv/a']);
  });

  test('knows where state is kept, whatever the case of the key, and takes a relative path from "/"', () => {
    const configuration = { ipam: { DataDir: 'state', resolvConf: '/etc/resolv.conf' }, dataDir: '' };

    expect(namedPaths(configuration)).toEqual([
      { path: '/state', isState: true },
      { path: '/etc/resolv.conf', isState: false },
    ]);
  });
});
