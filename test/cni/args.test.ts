import { describe, expect, it } from 'vitest';
import { ifnameProblem } from '../../src/attachment/parse-names.ts';
import { parseArgs } from '../../src/cni/args.ts';
import { quote } from '../../src/input/quote.ts';

const ALL = ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'] as const;
const GOOD = { CNI_CONTAINERID: 'box', CNI_NETNS: '/run/netns/x', CNI_IFNAME: 'eth0' };

describe('parseArgs()', () => {
  it('names all missing variables at once, with code 4', () => {
    expect(() => parseArgs({}, ALL)).toThrow(
      expect.objectContaining({
        code: 4,
        message: 'Required environment variables missing: CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME',
      }),
    );
  });

  it('takes an empty variable for a missing one', () => {
    expect(() => parseArgs({ ...GOOD, CNI_NETNS: '' }, ALL)).toThrow(/missing: CNI_NETNS$/);
  });

  it('does not check what the verb does not need: VERSION and GC come with dummies', () => {
    expect(parseArgs({ CNI_CONTAINERID: '../..', CNI_IFNAME: '/' }, []).containerID).toBe('../..');
  });

  it.each(['../../etc', 'a b', '-option', '.hidden', 'ünicode', 'a/b', 'a\n'])(
    'refuses the container id %j with code 4',
    (id) => {
      expect(() => parseArgs({ ...GOOD, CNI_CONTAINERID: id }, ALL)).toThrow(
        expect.objectContaining({ code: 4 }),
      );
    },
  );

  it.each(['default-k1', 'buildah-buildah123', 'a', 'A_1.2-x', 'f'.repeat(64)])(
    'takes the container id %j',
    (id) => {
      expect(parseArgs({ ...GOOD, CNI_CONTAINERID: id }, ALL).containerID).toBe(id);
    },
  );

  it('refuses an endless container id, saying how long it is', () => {
    expect(() => parseArgs({ ...GOOD, CNI_CONTAINERID: 'x'.repeat(500) }, ALL)).toThrow(/500 characters/);
  });

  it('takes an empty value in CNI_ARGS for none', () => {
    expect(parseArgs({ ...GOOD, CNI_ARGS: 'MAC=;IP=;K8S_POD_NAME=web' }, ALL).args).toEqual({
      K8S_POD_NAME: 'web',
    });
  });

  it('reads CNI_ARGS in any order and keeps unknown keys', () => {
    const { args } = parseArgs({ ...GOOD, CNI_ARGS: 'K8S_POD_NAME=web;IgnoreUnknown=1;X=a=b;' }, ALL);
    expect(args).toEqual({ K8S_POD_NAME: 'web', IgnoreUnknown: '1', X: 'a=b' });
  });

  it('refuses CNI_ARGS that are no pairs', () => {
    expect(() => parseArgs({ ...GOOD, CNI_ARGS: 'IgnoreUnknown' }, ALL)).toThrow(
      expect.objectContaining({ code: 4 }),
    );
  });

  it('takes what is wrong in CNI_ARGS for absent where that is tolerated, and the rest as it is', () => {
    const problems: unknown[] = [];
    const env = { ...GOOD, CNI_ARGS: 'IgnoreUnknown;K8S_POD_NAME=web' };
    const { args } = parseArgs(env, ALL, (problem) => problems.push(problem));
    expect(args).toEqual({ K8S_POD_NAME: 'web' });
    expect(problems).toEqual([expect.objectContaining({ code: 4 })]);
  });
});

describe('ifnameProblem()', () => {
  it.each(['eth0', 'a', 'net-1.2_x', 'x'.repeat(15)])('takes %j', (name) => {
    expect(ifnameProblem(name)).toBeUndefined();
  });

  it.each([
    '',
    'x'.repeat(16),
    '.',
    '..',
    'a/b',
    'a:b',
    'a b',
    'eth%d',
    'a#b',
    'a"b',
    "a'b",
    'a\\b',
    '-a',
    'é',
    'a;b',
  ])('refuses %j', (name) => {
    expect(ifnameProblem(name)).toBeTypeOf('string');
  });
});

describe('quote()', () => {
  it('escapes and cuts what an attacker sends', () => {
    expect(quote('a"\n')).toBe('"a\\"\\n"');
    expect(quote('x'.repeat(1000)).length).toBeLessThanOrEqual(120);
    expect(quote(undefined)).toBe('nothing');
  });
});
