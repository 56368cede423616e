import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runDriver } from '../../src/netavark/run.ts';
import { type Word, wordOf, WORDS } from '../../src/netavark/words.ts';

async function call(word: Word, stdin: string, env: Record<string, string> = {}) {
  let stdout = '';
  const host = {
    // The log is the machine's own here.
    env: { ...env, FLATNET_LOG_LEVEL: 'off' },
    readStdin: () => Promise.resolve(stdin),
    isWholeProcess: false,
    writeStdout: (text: string) => {
      stdout += text;
    },
  };
  const exitCode = await runDriver(host, word, '/no/such');
  return { exitCode, stdout, json: JSON.parse(stdout) };
}

describe('runDriver()', () => {
  it('answers info without a request', async () => {
    const { exitCode, json } = await call('info', '');
    expect(exitCode).toBe(0);
    expect(json).toEqual({ version: expect.stringMatching(/^\d/), api_version: '1.0.0' });
  });

  it('fails without a word where nobody takes the answer to info', async () => {
    const writeStdout = () => {
      throw new Error('EPIPE');
    };
    const host = { env: {}, readStdin: () => Promise.resolve(''), isWholeProcess: false, writeStdout };
    expect(await runDriver(host, 'info', '')).toBe(1);
  });

  it.each(
    (['create', 'setup', 'teardown'] as const).flatMap((word) =>
      [
        ['', 'it is empty'],
        ['{', 'it is not valid JSON'],
        ['[]', 'it is not a JSON object'],
        ['"text"', 'it is not a JSON object'],
        ['['.repeat(200) + ']'.repeat(200), 'it is not a plain configuration'],
      ].map(([stdin = '', said = '']): [Word, string, string] => [word, stdin, said]),
    ),
  )('answers %s of %.20j with one line that says why', async (word, stdin, said) => {
    const { exitCode, stdout, json } = await call(word, stdin);
    expect(exitCode).toBe(1);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(Object.keys(json)).toEqual(['error']);
    expect(json.error).toContain(said);
  });

  it.each(['create', 'setup', 'teardown'] as const)(
    'refuses %s for rootless Podman, and says how',
    async (word) => {
      const { exitCode, json } = await call(word, '{"name":"lab"}', { _CONTAINERS_ROOTLESS_UID: '1000' });
      expect(exitCode).toBe(1);
      expect(json.error).toMatch(
        /^Cannot run \w+: (Podman is rootless|flatnet is not running as root).*sudo podman/,
      );
    },
  );
});

describe('wordOf()', () => {
  it('knows the commands of netavark alone', () => {
    expect(wordOf('setup')).toBe('setup');
    expect([wordOf('status'), wordOf(''), wordOf(undefined), wordOf('Setup')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('has no command of the command line among them', () => {
    const typed = COMMANDS.map(({ name }) => name);
    expect(WORDS.filter((word) => typed.includes(word))).toEqual([]);
  });
});
