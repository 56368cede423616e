import { describe, expect, it } from 'vitest';
import { isExists, isNotFound } from '../../../src/sys/process/ip.ts';
import { CommandError } from '../../../src/sys/process/run.ts';

function failure(stderr: string): CommandError {
  return new CommandError(
    { tool: 'ip', args: [] },
    { exitCode: 2, killedBy: null, timedOut: false, stdout: '', stderr },
  );
}

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
