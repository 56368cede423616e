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
    expect(parseOptions(['--list'])).toEqual({ kind: 'list' });
  });

  test.each([
    [[], 'Cannot run without --plugin FILE'],
    [['--plugin', 'p'], 'Cannot run without --config FILE'],
    [[...required, '--jobs', '0'], 'Cannot run "0" cases at a time: --jobs wants a number from 1'],
    [[...required, '--fast'], "Unknown option '--fast'"],
  ])('refuses %j', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});
