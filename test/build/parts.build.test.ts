import { execa } from 'execa';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

const PARTS = join(EXECUTABLE, '../parts');

/** In a process of its own: the test runner sets flags of V8, and a cache made under others is refused. */
const SCRIPT = `
const { readFileSync } = require('node:fs');
const [source, cachedData] = ['js', 'cache'].map((type) => readFileSync(process.argv[1] + '.' + type));
const script = new (require('node:vm').Script)(source.latin1Slice(), { cachedData });
process.stdout.write(JSON.stringify({ rejected: script.cachedDataRejected, ratio: cachedData.length / source.length }));
`;

/** An outline is about half as large as the source, all functions about three times. */
const RATIO = { outline: 0.2, all: 2 };

describe.each([
  ['add', RATIO.all],
  ['del', RATIO.all],
  ['seldom', RATIO.outline],
  ['setup', RATIO.all],
  ['teardown', RATIO.all],
  ['create', RATIO.outline],
  ['cli', RATIO.outline],
])('the part %s', (name, least) => {
  beforeAll(ensureExecutable, 120_000);

  it('comes with a code cache that V8 accepts, of its functions or its outline', async () => {
    const { stdout } = await execa(process.execPath, ['--eval', SCRIPT, join(PARTS, name)]);
    const { rejected, ratio } = JSON.parse(stdout);
    expect(rejected).toBe(false);
    expect(ratio).toBeGreaterThan(least);
  });
});
