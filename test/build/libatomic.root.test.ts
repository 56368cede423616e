import { run } from '../../conformance/exec.ts';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOST_ARCH, nodeBase } from '../../build/base.ts';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

describe('the executable', () => {
  it('runs on a machine without libatomic, on which Node does not', async () => {
    const libraries = (await run(['/sbin/ldconfig', '-p'])).matchAll(/libatomic\.so\.1 .* => (\S+)/g);
    for (const [, path = ''] of libraries) await host.run(['mount', '--bind', '/dev/null', path]);
    const { file } = await nodeBase(HOST_ARCH);

    expect(await host.exec([file, '--version'])).toMatchObject({ exitCode: 127 });
    expect(await host.exec([EXECUTABLE, '--version'])).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
