import { execa } from 'execa';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const SCRIPT = join(import.meta.dirname, '../../scripts/nightly.sh');

test('scripts/nightly.sh --help runs nothing and lists its steps, all of which package.json has', async () => {
  const { stdout } = await execa(SCRIPT, ['--help']);
  const steps = /^Steps: (.+)$/m.exec(stdout)?.[1]?.split(' ') ?? [];
  expect(steps).toContain('test:kernels:all');
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(steps));
});
