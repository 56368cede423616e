import { describe, expect, it } from 'vitest';
import { RollbackError, withRollback } from '../../src/attachment/rollback.ts';

describe('withRollback()', () => {
  it('undoes nothing when the body succeeds', async () => {
    const undone: string[] = [];
    const value = await withRollback(async (defer) => {
      defer('a', async () => undone.push('a'));
      return 7;
    });
    expect([value, undone]).toEqual([7, []]);
  });

  it('undoes everything, last first, and throws the body’s error', async () => {
    const undone: string[] = [];
    const failure = withRollback(async (defer) => {
      for (const name of ['a', 'b', 'c']) defer(name, async () => undone.push(name));
      throw new Error('body');
    });
    await expect(failure).rejects.toThrow('body');
    expect(undone).toEqual(['c', 'b', 'a']);
  });

  it('goes on when a step fails, and tells which', async () => {
    const undone: string[] = [];
    const failure = withRollback(async (defer) => {
      defer('first', async () => undone.push('first'));
      defer('second', () => Promise.reject(new Error('stuck')));
      throw new Error('body');
    });
    await expect(failure).rejects.toBeInstanceOf(RollbackError);
    await expect(failure).rejects.toMatchObject({
      message: 'Cannot undo second: stuck',
      cause: expect.objectContaining({ message: 'body' }),
    });
    expect(undone).toEqual(['first']);
  });
});
