import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DIST } from '../../build/project.ts';
import { PLAIN_ENVIRONMENT } from '../../conformance/exec.ts';
import { alternate } from '../alternate.ts';
import { bareExecutable } from '../bare.ts';
import { flatnet } from '../contenders/flatnet.ts';
import { type Claim, judge } from '../rows.ts';
import { measure } from '../stopwatch.ts';
import { attachAndDetach, type Scenario } from './scenario.ts';

const BARE = { against: 'bare executable', theirs: 'bare' };

const CLAIMS: readonly Claim[] = [
  { ...BARE, what: 'VERSION', ours: 'VERSION', target: 1.15 },
  { ...BARE, what: 'ADD, no masquerade, no port', ours: 'flatnet ADD', target: 1.6 },
  { ...BARE, what: 'peak memory of ADD', ours: 'flatnet ADD', target: 1.3, measure: 'peakKiB' },
];

/**
 * A fresh copy. How much of a file is mapped at once depends on how it was written, and counts as memory: as the builds
 * leave them, the same executable differs from itself by 20 MiB.
 */
async function installed(file: string, name: string): Promise<string> {
  const directory = join(DIST, 'bench/installed');
  await mkdir(directory, { recursive: true });
  const copy = join(directory, name);
  await copyFile(file, copy);
  return copy;
}

/** What the runtime's own start costs, and what comes on top of it. */
export const start: Scenario = async ({ executable: original, ...rounds }) => {
  const executable = await installed(original, 'flatnet');
  const bare = { argv: [await installed(await bareExecutable(), 'bare')], env: PLAIN_ENVIRONMENT, input: '' };
  const version = {
    argv: [executable],
    env: { ...PLAIN_ENVIRONMENT, CNI_COMMAND: 'VERSION' },
    input: '{"cniVersion":"1.0.0"}',
  };
  await using plain = await flatnet(executable, { ipMasq: false, withPort: false });
  const { host } = plain;
  const samples = await alternate(
    [
      async () => ({ bare: await measure(host, bare) }),
      async () => ({ VERSION: await measure(host, version) }),
      await attachAndDetach(plain),
    ],
    rounds,
  );
  return CLAIMS.map((claim) => judge(claim, samples));
};
