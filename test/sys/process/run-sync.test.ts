import { openSync, closeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UNBOUNDED } from '../../../src/sys/context.ts';
import { CommandError } from '../../../src/sys/process/run.ts';
import { runSync } from '../../../src/sys/process/run-sync.ts';
import { ToolMissingError } from '../../../src/sys/process/tool.ts';

describe('runSync()', () => {
  it('returns what the program printed, feeds it its input and notes it in the trace', () => {
    const trace = { commands: [] };
    const completed = runSync({ tool: 'cat', args: [], input: 'a\nb' }, { ...UNBOUNDED, trace });
    expect(completed).toMatchObject({ exitCode: 0, stdout: 'a\nb', stderr: '', timedOut: false });
    expect(trace.commands).toMatchObject([{ command: 'cat', input: 'a\nb', exitCode: 0 }]);
  });

  it('hands a descriptor over as the third', () => {
    const fd = openSync('/proc/self/ns/net', 'r');
    try {
      const { stdout } = runSync({ tool: 'readlink', args: ['/proc/self/fd/3'], handedOver: fd }, UNBOUNDED);
      expect(stdout).toMatch(/^net:\[\d+\]\n$/);
    } finally {
      closeSync(fd);
    }
  });

  it('says which command failed, and what it complained', () => {
    expect(() => runSync({ tool: 'ls', args: ['/no/such'] }, UNBOUNDED)).toThrow(
      /^"ls \/no\/such" failed with exit code 2: .*No such file/,
    );
    expect(() => runSync({ tool: 'no-such-tool', args: [] }, UNBOUNDED)).toThrow(ToolMissingError);
  });

  it('ends a program that takes too long', () => {
    const command = { tool: 'sleep', args: ['30'], timeoutMs: 100 };
    expect(() => runSync(command, UNBOUNDED)).toThrow('did not end in time');
    expect(() => runSync(command, UNBOUNDED)).toThrow(CommandError);
  });

  it('takes a program for done that ended, whatever it has left behind at its pipes', () => {
    const command = { tool: 'sh', args: ['-c', 'sleep 30 & echo done'], timeoutMs: 500 };
    expect(runSync(command, UNBOUNDED)).toMatchObject({ exitCode: 0, stdout: 'done\n', timedOut: false });
  });
});
