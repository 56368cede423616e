import { describe, expect, it } from 'vitest';
import { isExists, isLinkInfo, isNotFound, parseBatchOutput } from '../../src/sys/ip.ts';
import { CommandError } from '../../src/sys/run.ts';

function failure(stderr: string): CommandError {
  return new CommandError(
    { tool: 'ip', args: [] },
    { exitCode: 2, killedBy: null, timedOut: false, stdout: '', stderr },
  );
}

describe('parseBatchOutput()', () => {
  it('gives one list for each show line', () => {
    expect(parseBatchOutput('[{"ifname":"a"}]\n[{"ifname":"b"},{"ifname":"c"}]\n')).toEqual([
      [{ ifname: 'a' }],
      [{ ifname: 'b' }, { ifname: 'c' }],
    ]);
  });
});

describe('isNotFound()', () => {
  it.each([
    'Device "x" does not exist.',
    'Cannot find device "x"',
    'RTNETLINK answers: No such device',
    'RTNETLINK answers: No such process',
  ])('recognises %j', (stderr) => {
    expect(isNotFound(failure(stderr))).toBe(true);
  });

  it('is false for anything else', () => {
    expect(isNotFound(failure('RTNETLINK answers: Operation not permitted'))).toBe(false);
    expect(isNotFound(new Error('does not exist'))).toBe(false);
  });
});

describe('isExists()', () => {
  it.each(['RTNETLINK answers: File exists', 'Error: ipv4: Address already assigned.'])(
    'recognises %j',
    (stderr) => {
      expect(isExists(failure(stderr))).toBe(true);
    },
  );
});

describe('isLinkInfo()', () => {
  it('is false for the empty objects of old versions', () => {
    expect(isLinkInfo({})).toBe(false);
    expect(isLinkInfo({ ifname: 'a', flags: [] })).toBe(true);
  });
});
