import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { createStage, type Stage } from './history.ts';
import { KNOWN } from './known.ts';

let stage: Stage;

beforeAll(async () => {
  await ensureExecutable();
  stage = await createStage();
}, 180_000);
afterAll(() => stage[Symbol.asyncDispose]());

describe('a history that went wrong once does so no more', () => {
  it.each(KNOWN.map(({ title, operations }) => [title, operations] as const))(
    '%s',
    async (_title, operations) => {
      const { problems, script } = await stage.play(operations);
      expect(problems, [...problems, script].join('\n')).toEqual([]);
    },
  );
});
