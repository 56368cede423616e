import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../../src/cli/self.ts';

describe('shellWord()', () => {
  it.each([
    ['a plain word', '/etc/cni/net.d/10-flatnet.conflist'],
    ['blanks and quotes', `a b 'c' "d" $HOME \\ *`],
    ['what a terminal would obey', "\u001b[2J'\\\r\n\u202e\u{e0001} ünï"],
  ])('writes %s so that a shell takes it literally', async (_what, word) => {
    expect((await execa('bash', ['-c', `printf %s ${shellWord(word)}`])).stdout).toBe(word);
  });

  it('writes nothing that a terminal would obey', () => {
    expect(shellWord('\u001b[2J\u202e\u{e0001}')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
