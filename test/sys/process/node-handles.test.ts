import { describe, expect, it } from 'vitest';
import { nodeHandles, type SocketHandle } from '../../../src/sys/process/node-handles.ts';

/*
 * What flatnet expects of handles that Node does not document. When one of these fails after Node was raised, look at
 * lib/internal/child_process.js, lib/net.js and lib/dgram.js of that version.
 */

describe('nodeHandles()', () => {
  it('starts a program with a pipe at its stdout, and hears how it ended', async () => {
    const { Process, constants } = nodeHandles('process_wrap');
    const { Pipe, constants: PIPE } = nodeHandles('pipe_wrap');
    const { streamBaseState, kReadBytesOrError } = nodeHandles('stream_wrap');
    const [program, stdout] = [new Process(), new Pipe(PIPE.SOCKET)];
    let text = '';
    const ended = new Promise((resolve) => {
      program.onexit = (exitCode, signal) => {
        program.close();
        resolve({ exitCode, signal });
      };
    });
    const heard = new Promise<void>((resolve) => {
      stdout.onread = (bytes) => {
        const length = streamBaseState[kReadBytesOrError]!;
        if (length > 0) text += Buffer.from(bytes, 0, length).toString();
        else stdout.close(resolve);
      };
    });
    const stdio = [{ type: 'ignore' }, { type: 'pipe', handle: stdout }, { type: 'ignore' }] as const;
    const script = 'echo $KEY; exec sh -c "exit 3"';
    const flags = constants.kProcessFlagDetached;
    expect(program.spawn('/bin/sh', ['sh', '-c', script], '/', ['KEY=value'], stdio, flags)).toBe(0);
    expect(program.pid).toBeGreaterThan(0);
    stdout.readStart();
    await heard;
    expect({ text, ended: await ended }).toEqual({ text: 'value\n', ended: { exitCode: 3, signal: '' } });
  });

  it('says with a negative errno why a program cannot be started', () => {
    const program = new (nodeHandles('process_wrap').Process)();
    expect(program.spawn('/no/such/program', ['x'], '/', [], [], 0)).toBe(-2);
    program.close();
  });

  it.each(['tcp', 'udp'] as const)('finds a %s port in use, and one that is free', (protocol) => {
    const open = (): SocketHandle & { listen?: (backlog: number) => number } =>
      protocol === 'tcp'
        ? new (nodeHandles('tcp_wrap').TCP)(nodeHandles('tcp_wrap').constants.SERVER)
        : new (nodeHandles('udp_wrap').UDP)();
    const [first, second] = [open(), open()];
    try {
      const port = 20_000 + (process.pid % 10_000);
      expect(first.bind('127.0.0.1', port, 0) || (first.listen?.(1) ?? 0)).toBe(0);
      expect(second.bind('127.0.0.1', port, 0) || (second.listen?.(1) ?? 0)).toBe(-98);
    } finally {
      first.close();
      second.close();
    }
  });
});
