import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SCRIPT = `
import { readStdin } from ${JSON.stringify(join(import.meta.dirname, '../../../src/sys/process/stdin.ts'))};
try { process.stdout.write('read ' + (await readStdin()).length); }
catch (error) { process.stdout.write(error.name + ': ' + error.message); }
`;

interface Reader {
  readonly stdin: NodeJS.WritableStream;
  readonly said: Promise<string>;
}

/** Node's own pipes to children are sockets; behind `cat` the reader has a pipe, as from a runtime. */
function reader(kind: 'pipe' | 'socket'): Reader {
  const read = [process.execPath, '--input-type=module', '--eval', SCRIPT];
  const argv = kind === 'socket' ? read : ['bash', '-c', 'cat | "$@"', 'bash', ...read];
  const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  // The reader may close its end early; that is what some of these tests are about.
  child.stdin.on('error', () => undefined);
  // The first word is all it says; the pipeline itself lives until its writer ends.
  const said = once(child.stdout, 'data').then(([text]) => String(text));
  return { stdin: child.stdin, said };
}

describe.each(['pipe', 'socket'] as const)('readStdin() of a %s', (kind) => {
  it('waits for a writer that is slow and comes in pieces', async () => {
    const { stdin, said } = reader(kind);
    stdin.write('x'.repeat(100_000));
    await new Promise((resolve) => setTimeout(resolve, 300));
    stdin.end('y');
    expect(await said).toBe('read 100001');
  });

  it('gives up on more than 4 MiB', async () => {
    const { stdin, said } = reader(kind);
    stdin.end('x'.repeat(5 * 1024 * 1024));
    expect(await said).toBe('StdinError: stdin is longer than 4194304 bytes');
  });

  it('gives up on a writer that never closes its end', async () => {
    const { stdin, said } = reader(kind);
    stdin.write('{');
    expect(await said).toBe('StdinError: stdin was not closed within 4 s');
    stdin.end();
  }, 15_000);
});
