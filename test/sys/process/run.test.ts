import { UNBOUNDED } from '../../../src/sys/context.ts';
import { describe, expect, it, vi } from 'vitest';
import { existsSync, readFileSync } from 'node:fs';
import { CommandError, run, runToEnd } from '../../../src/sys/process/run.ts';
import { ToolMissingError } from '../../../src/sys/process/tool.ts';

function isRunning(pid: number): boolean {
  // One that has ended and waits to be reaped has no command line.
  return existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
}

describe('run()', () => {
  it('returns what the program printed and feeds it its input', async () => {
    expect((await run({ tool: 'cat', args: [], input: 'a\nb' }, UNBOUNDED)).stdout).toBe('a\nb');
  });

  it('passes arguments as they are: there is no shell', async () => {
    const args = ['$(id)', '; id', '*', '`id`'];
    expect(
      (await run({ tool: 'printf', args: ['%s\\n', ...args] }, UNBOUNDED)).stdout.trim().split('\n'),
    ).toEqual(args);
  });

  it('keeps the environment of the caller from the program', async () => {
    // Node hands the second one on to every program, unless it is kept from it.
    vi.stubEnv('FLATNET_TEST_SECRET', 'x');
    vi.stubEnv('NODE_V8_COVERAGE', '/nowhere');
    const { stdout } = await run({ tool: 'env', args: [] }, UNBOUNDED);
    vi.unstubAllEnvs();
    expect(stdout.trim().split('\n').sort()).toEqual(['LC_ALL=C', expect.stringMatching(/^PATH=/)]);
  });

  it('says which command failed, how, and what it complained', async () => {
    const failure = run({ tool: 'ls', args: ['/no/such'] }, UNBOUNDED);
    await expect(failure).rejects.toBeInstanceOf(CommandError);
    await expect(failure).rejects.toThrow(/^"ls \/no\/such" failed with exit code 2: .*No such file/);
  });

  it('says the cause behind a command of any length', async () => {
    const failure = run({ tool: 'ls', args: ['x'.repeat(100_000)] }, UNBOUNDED);
    await expect(failure).rejects.toThrow(
      /^"ls x{297}\.\.\." failed with exit code 2: .*File name too long$/s,
    );
  });

  it('names the failing line of a batch instead of the batch', async () => {
    const failure = run(
      {
        tool: 'ip',
        args: ['-batch', '-'],
        input: 'link show dev lo\nlink show dev nosuch0\n',
      },
      UNBOUNDED,
    );
    await expect(failure).rejects.toThrow(/^"ip link show dev nosuch0" failed/);
  });

  it('ends a program that hangs', async () => {
    const failure = run({ tool: 'sleep', args: ['60'], timeoutMs: 100 }, UNBOUNDED);
    await expect(failure).rejects.toMatchObject({ completed: { timedOut: true } });
    await expect(failure).rejects.toThrow('did not end in time');
  });

  it('ends what a program that hangs has started', async () => {
    const behind = 'sleep 60 & echo $!; wait';
    const { stdout } = await runToEnd({ tool: 'sh', args: ['-c', behind], timeoutMs: 500 }, UNBOUNDED);
    await expect.poll(() => isRunning(Number(stdout))).toBe(false);
  });

  it('ends a program when the call is cancelled', async () => {
    const controller = new AbortController();
    const failure = run({ tool: 'sleep', args: ['60'] }, { ...UNBOUNDED, signal: controller.signal });
    controller.abort(new Error('interrupted'));
    await expect(failure).rejects.toThrow('was ended by SIGKILL');
  });

  it('does not start a program for a call that is cancelled already', async () => {
    await expect(
      run({ tool: 'true', args: [] }, { ...UNBOUNDED, signal: AbortSignal.abort(new Error('too late')) }),
    ).rejects.toThrow('too late');
  });

  it('names the package of a missing tool', async () => {
    await expect(run({ tool: 'no-such-tool', args: [] }, UNBOUNDED)).rejects.toBeInstanceOf(ToolMissingError);
  });

  it('hears all of a long output, with characters that are split between two reads', async () => {
    const text = 'é€𝄞 '.repeat(100_000);
    expect((await run({ tool: 'cat', args: [], input: text }, UNBOUNDED)).stdout).toBe(text);
  });

  it('ends a program that prints without end', async () => {
    await expect(run({ tool: 'yes', args: [] }, UNBOUNDED)).rejects.toThrow(
      /could not be run: it printed more than 32 MiB/,
    );
  });

  it('does not wait for what a program left behind at its pipes', async () => {
    const [start, behind] = [performance.now(), 'sleep 20 & echo $!'];
    const { stdout } = await run({ tool: 'sh', args: ['-c', behind] }, UNBOUNDED);
    process.kill(Number(stdout), 'SIGKILL');
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it('says why a program cannot be started', async () => {
    await expect(run({ tool: '/dev/null', args: [] }, UNBOUNDED)).rejects.toThrow(
      '"/dev/null" could not be run: spawn /dev/null EACCES',
    );
    await expect(run({ tool: 'true', args: ['x'.repeat(1_000_000)] }, UNBOUNDED)).rejects.toThrow(
      /^"true x+\.\.\." could not be run: spawn E2BIG$/,
    );
  });

  it('does not mind a program that leaves its input unread', async () => {
    await expect(
      run({ tool: 'true', args: [], input: 'x'.repeat(1_000_000) }, UNBOUNDED),
    ).resolves.toMatchObject({
      exitCode: 0,
    });
  });
});

describe('runToEnd()', () => {
  it('returns a failure as an answer', async () => {
    expect(await runToEnd({ tool: 'false', args: [] }, UNBOUNDED)).toMatchObject({ exitCode: 1 });
  });
});
