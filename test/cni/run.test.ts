import { describe, expect, it } from 'vitest';
import { runPlugin } from '../../src/cni/run.ts';

async function call(
  env: Record<string, string>,
  stdin: string,
): Promise<{ exitCode: number; stdout: string }> {
  let stdout = '';
  const exitCode = await runPlugin({
    // The log is the machine's own here.
    env: { ...env, FLATNET_LOG_LEVEL: 'off' },
    readStdin: () => Promise.resolve(stdin),
    isWholeProcess: false,
    writeStdout: (text) => {
      stdout += text;
    },
  });
  return { exitCode, stdout };
}

describe('runPlugin() on VERSION', () => {
  it('answers as Podman asks: no name, dummies in CNI_*', async () => {
    const env = { CNI_COMMAND: 'VERSION', CNI_NETNS: 'dummy', CNI_IFNAME: 'dummy', CNI_PATH: 'dummy' };
    const { exitCode, stdout } = await call(env, '{"cniVersion":"1.0.0"}');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ cniVersion: '1.0.0' });
    expect(JSON.parse(stdout).supportedVersions).toContain('1.1.0');
  });

  it.each(['', 'junk', '[]', '{"cniVersion":7}'])('answers to %j too', async (stdin) => {
    expect((await call({ CNI_COMMAND: 'VERSION' }, stdin)).exitCode).toBe(0);
  });
});

describe('runPlugin() on anything else', () => {
  const ADD = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'box', CNI_NETNS: '/no/such', CNI_IFNAME: 'eth0' };

  it.each([
    ['a verb nobody knows', { ...ADD, CNI_COMMAND: 'EXPLODE' }, '{"name":"n"}', 4],
    [
      'a verb named like a property of every object',
      { ...ADD, CNI_COMMAND: 'constructor' },
      '{"name":"n"}',
      4,
    ],
    ['missing variables, before a broken configuration', { CNI_COMMAND: 'ADD' }, 'junk', 4],
    ['broken JSON', ADD, 'junk', 6],
    ['a missing name', ADD, '{}', 7],
    ['a version nobody speaks', ADD, '{"cniVersion":"9.9.9","name":"n"}', 1],
    ['CHECK before 0.4.0', { ...ADD, CNI_COMMAND: 'CHECK' }, '{"cniVersion":"0.3.1","name":"n"}', 1],
    ['GC before 1.1.0', { ...ADD, CNI_COMMAND: 'GC' }, '{"cniVersion":"1.0.0","name":"n"}', 1],
    ['STATUS before 1.1.0', { ...ADD, CNI_COMMAND: 'STATUS' }, '{"cniVersion":"1.0.0","name":"n"}', 1],
    ['a wrong value', ADD, '{"cniVersion":"1.0.0","name":"n","mtu":"x"}', 7],
  ])('answers %s with one error document and exit code 1', async (_what, env, stdin, code) => {
    const { exitCode, stdout } = await call(env, stdin);
    expect(exitCode).toBe(1);
    const error = JSON.parse(stdout);
    expect(error).toMatchObject({ code, msg: expect.any(String), cniVersion: expect.any(String) });
  });

  it('answers in the version of the request', async () => {
    const { stdout } = await call(ADD, '{"cniVersion":"0.4.0","name":"n","mtu":"x"}');
    expect(JSON.parse(stdout).cniVersion).toBe('0.4.0');
  });
});
