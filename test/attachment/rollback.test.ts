import { describe, expect, it } from 'vitest';
import { type CallContext, newTrace } from '../../src/attachment/context.ts';
import { RollbackError, withRollback } from '../../src/attachment/rollback.ts';

const CTX: CallContext = { deadline: Infinity, trace: newTrace() };

describe('withRollback()', () => {
  it('undoes nothing when the body succeeds', async () => {
    const undone: string[] = [];
    const value = await withRollback(async (defer) => {
      defer('a', async () => undone.push('a'));
      return 7;
    }, CTX);
    expect([value, undone]).toEqual([7, []]);
  });

  it('undoes everything, last first, and throws the body’s error', async () => {
    const undone: string[] = [];
    const failure = withRollback(async (defer) => {
      for (const name of ['a', 'b', 'c']) defer(name, async () => undone.push(name));
      throw new Error('body');
    }, CTX);
    await expect(failure).rejects.toThrow('body');
    expect(undone).toEqual(['c', 'b', 'a']);
  });

  it('goes on when a step fails, and tells which', async () => {
    const undone: string[] = [];
    const failure = withRollback(async (defer) => {
      defer('first', async () => undone.push('first'));
      defer('second', () => Promise.reject(new Error('stuck')));
      throw new Error('body');
    }, CTX);
    await expect(failure).rejects.toBeInstanceOf(RollbackError);
    await expect(failure).rejects.toMatchObject({
      message: 'Cannot undo second: stuck',
      cause: expect.objectContaining({ message: 'body' }),
    });
    expect(undone).toEqual(['first']);
  });

  it('undoes with the call’s context, but without the signal that has ended it', async () => {
    const ctx = { ...CTX, signal: AbortSignal.abort() };
    const seen: unknown[] = [];
    const failure = withRollback(async (defer) => {
      defer('a', async (undoCtx) => seen.push(undoCtx));
      throw new Error('body');
    }, ctx);
    await expect(failure).rejects.toThrow('body');
    expect(seen).toEqual([{ ...CTX, signal: undefined }]);
  });
});
