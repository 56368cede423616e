import { describe, expect, it } from 'vitest';
import { isRefusal, NetlinkError } from '../../../src/sys/netlink/error.ts';
import { asRefusal } from '../../../src/sys/plain/refusal.ts';
import { CommandError } from '../../../src/sys/process/run.ts';

const LINES = ['link add name fn0 type veth', 'link set dev fn0 up'];

function failed(stderr: string, exitCode: number | null = 1): CommandError {
  const completed = { exitCode, killedBy: null, timedOut: exitCode === null, stdout: '', stderr };
  return new CommandError({ tool: 'ip', args: ['-batch', '-'], input: LINES.join('\n') }, completed);
}

const WORDS = [
  ['RTNETLINK answers: File exists', 'EEXIST'],
  ['Error: ipv4: Address already assigned.', 'EEXIST'],
  ['Error: Could not process rule: File exists', 'EEXIST'],
  ['Cannot find device "fn0"', 'ENODEV'],
  ['Device "fn0" does not exist.', 'ENODEV'],
  ['RTNETLINK answers: No such device', 'ENODEV'],
  ['Error: No such file or directory', 'ENOENT'],
  ['Error: Could not process rule: No such file or directory', 'ENOENT'],
  ['RTNETLINK answers: No such process', 'ESRCH'],
  ['RTNETLINK answers: Operation not permitted', 'EPERM'],
  ['RTNETLINK answers: Network is unreachable', 'ENETUNREACH'],
  ['Error: Nexthop has invalid gateway.', 'ENETUNREACH'],
  ['Error: Unknown device type.', 'ENOTSUP'],
  ['RTNETLINK answers: Device or resource busy', 'EBUSY'],
  ['Error: mtu less than device minimum.', 'EINVAL'],
  ['Unable to initialize Netlink socket: Protocol not supported', 'EPROTONOSUPPORT'],
] as const;

describe('asRefusal()', () => {
  it.each(WORDS)('knows the code of "%s"', (words, code) => {
    expect(isRefusal(asRefusal(failed(`${words}\nCommand failed -:1\n`), LINES), code)).toBe(true);
  });

  it('names the line of the batch that was refused, and what the kernel says beyond the code', () => {
    const refusal = asRefusal(failed('Error: mtu less than device minimum.\nCommand failed -:2\n'), LINES);
    expect(refusal).toBeInstanceOf(NetlinkError);
    expect(refusal).toMatchObject({
      line: 'link set dev fn0 up',
      message: 'The kernel refused "link set dev fn0 up": EINVAL, Error: mtu less than device minimum.',
    });
  });

  it('says no more than the code where the words are those of the code', () => {
    const refusal = asRefusal(failed('RTNETLINK answers: File exists\nCommand failed -:1\n'), LINES);
    expect(refusal).toMatchObject({
      message: 'The kernel refused "link add name fn0 type veth": EEXIST',
    });
  });

  it.each([
    ['was killed or took too long', failed('RTNETLINK answers: File exists', null)],
    ['did not understand its line', failed('Error: argument "x" is wrong: invalid number')],
    ['failed without a word', failed('')],
    ['is another error', new Error('File exists')],
  ])('leaves alone what %s', (_what, error) => {
    expect(asRefusal(error, LINES)).toBe(error);
  });
});
