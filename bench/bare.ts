import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST_ARCH, nodeBase } from '../build/base.ts';
import { makeExecutable } from '../build/executable.ts';
import { DIST } from '../build/project.ts';

/**
 * The least that a Node single executable can be: the same base binary, made by the same build, around an empty
 * script, and Node starts as it does by itself. Made once; a new base has to be followed by `rm -r dist/bench`.
 *
 * @returns its path.
 */
export async function bareExecutable(): Promise<string> {
  const directory = join(DIST, 'bench');
  const output = join(directory, 'bare');
  const base = await nodeBase(HOST_ARCH);
  const made = await stat(output).catch(() => undefined);
  if (made !== undefined && made.mtimeMs > (await stat(base.file)).mtimeMs) return output;
  await mkdir(directory, { recursive: true });
  const script = join(directory, 'bare.cjs');
  await writeFile(script, '');
  await makeExecutable({
    script,
    parts: [],
    base: base.file,
    arch: HOST_ARCH,
    output,
    execArgv: [],
    isPatched: false,
  });
  return output;
}
