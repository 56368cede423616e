import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../../conformance/host.ts';

const NFT = '/usr/sbin/nft';
const MODULE = join(import.meta.dirname, '../../../src/sys/process/nft.ts');

let host: Host;

beforeEach(async () => {
  host = await createHost();
});

afterEach(() => host.dispose());

/** Calls nft() inside the host. */
function call(lines: readonly string[]) {
  const script = `import { nft } from '${MODULE}'; await nft(${JSON.stringify(lines)}, { deadline: Infinity });`;
  return host.exec([process.execPath, '--input-type=module', '--eval', script]);
}

const tables = (): Promise<string> => host.run([NFT, 'list', 'tables']);

describe('nft()', () => {
  it('applies all of its lines or none', async () => {
    expect(await call(['add table inet one', 'add chain inet one c', 'add table inet two'])).toMatchObject({
      exitCode: 0,
    });
    expect(await call(['add table inet three', 'delete table inet missing'])).toMatchObject({ exitCode: 1 });

    expect(await tables()).toBe('table inet one\ntable inet two\n');
  });

  it('works with an nft that refuses a socket as standard input, as 1.0.8 and newer do', async () => {
    await copyFile(NFT, host.file('/run/real-nft'));
    const refusing = '#!/bin/sh\n[ "$1" = -f ] && [ -S /dev/stdin ] && exit 1\nexec /run/real-nft "$@"\n';
    await writeFile(host.file('/run/nft'), refusing);
    await host.run(['chmod', '+x', '/run/real-nft', '/run/nft']);
    await host.run(['mount', '--bind', '/run/nft', NFT]);

    expect(await call(['add table inet one'])).toMatchObject({ exitCode: 0 });

    expect(await tables()).toBe('table inet one\n');
  });
});
