import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../conformance/options.ts';

const required = ['--plugin', 'p', '--config', 'c'];

describe('parseOptions()', () => {
  test('reads a whole command line', () => {
    const only = ['--only', 'ADD,DEL-01', '--only', 'CHK'];
    const rest = [
      '--cni-path',
      'a:b',
      '--ipam-path',
      'd',
      '--json',
      'j',
      '--html',
      'h',
      '--jobs',
      '3',
      '--strict',
    ];

    expect(parseOptions([...required, ...only, ...rest])).toEqual({
      kind: 'run',
      options: {
        protocol: 'cni',
        plugin: 'p',
        config: 'c',
        cniPath: 'a:b',
        ipamPath: 'd',
        only: ['ADD', 'DEL-01', 'CHK'],
        json: 'j',
        html: 'h',
        jobs: 3,
        strict: true,
      },
    });
  });

  test('needs no plugin to help and to list', () => {
    expect(parseOptions(['--help'])).toEqual({ kind: 'help' });
    expect(parseOptions(['--list'])).toEqual({ kind: 'list', protocol: 'cni' });
    expect(parseOptions(['--list', '--protocol', 'netavark'])).toEqual({
      kind: 'list',
      protocol: 'netavark',
    });
  });

  test('needs no configuration for a driver of netavark', () => {
    expect(parseOptions(['--protocol', 'netavark', '--plugin', 'p'])).toMatchObject({
      options: { protocol: 'netavark', plugin: 'p', config: undefined },
    });
  });

  test.each([
    [[], 'Cannot run without --plugin FILE'],
    [['--plugin', 'p'], 'Cannot run without --config FILE'],
    [[...required, '--jobs', '0'], 'Cannot run "0" cases at a time: --jobs wants a number from 1'],
    [[...required, '--protocol', 'docker'], 'Cannot test by the protocol "docker"'],
    [['--plugin', 'p'], 'Cannot run without --config FILE'],
    [[...required, '--fast'], "Unknown option '--fast'"],
  ])('refuses %j', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});
