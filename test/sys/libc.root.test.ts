import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';

const LIBC = join(import.meta.dirname, '../../src/sys/libc.ts');

let host: Host;

beforeAll(async () => {
  host = await createHost();
});
afterAll(() => host.dispose());

/** A process that imports the module. */
function script(lines: string) {
  const text = `
    import { closeSync, readlinkSync, writeSync } from 'node:fs';
    import { enableNetlinkOption, endProcess, inNetns, openNetlinkSocket } from '${LIBC}';
    ${lines}`;
  return host.exec([process.execPath, '--input-type=module', '--eval', text]);
}

const AT_EXIT = `process.on('exit', () => console.log('left as Node does'));`;

describe('the C library', () => {
  it('is called without a word of Node on stderr', async () => {
    const ended = await script(`
      const fd = openNetlinkSocket(0);
      enableNetlinkOption(fd, 11);
      console.log(readlinkSync('/proc/self/fd/' + fd).replace(/\\d+/, 'N'));
      closeSync(fd);`);
    expect(ended).toMatchObject({ exitCode: 0, stdout: 'socket:[N]\n', stderr: '' });
  });

  it('does without an option that the kernel does not know', async () => {
    expect(await script(`enableNetlinkOption(openNetlinkSocket(0), 12345);`)).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
  });

  it('keeps warnings of others to be heard', async () => {
    const { stderr } = await script(`openNetlinkSocket(0); process.emitWarning('of another kind');`);
    expect(stderr).toContain('of another kind');
  });

  it('opens sockets that programs do not inherit and reads of which do not wait', async () => {
    const ended = await script(`
      import { readFileSync, readSync } from 'node:fs';
      const fd = openNetlinkSocket(0);
      const flags = Number.parseInt(/flags:\\s+(\\d+)/.exec(readFileSync('/proc/self/fdinfo/' + fd, 'utf8'))[1], 8);
      console.log((flags & 0o2000000) !== 0, (flags & 0o4000) !== 0);
      try { readSync(fd, Buffer.alloc(8)); } catch (error) { console.log(error.code); }`);
    expect(ended.stdout).toBe('true true\nEAGAIN\n');
  });
});

describe('endProcess()', () => {
  it('ends the process at once with its exit code, and what was written is out', async () => {
    const ended = await script(
      `${AT_EXIT} openNetlinkSocket(0); writeSync(1, 'answer'); setInterval(() => 0, 1000); endProcess(7);`,
    );
    expect(ended).toMatchObject({ exitCode: 7, stdout: 'answer', stderr: '' });
  });

  it('does nothing where no function of the C library was needed', async () => {
    expect(await script(`${AT_EXIT} endProcess(7);`)).toMatchObject({
      exitCode: 0,
      stdout: 'left as Node does\n',
    });
  });
});
