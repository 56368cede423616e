import { describe, expect, it } from 'vitest';
import { CniError, CODE, codeOf, formatError } from '../../src/cni/errors.ts';
import { FlatnetError } from '../../src/input/error.ts';

describe('codeOf()', () => {
  it('gives an error of the engine the code of its kind', () => {
    expect(codeOf(new FlatnetError('veth', 'Cannot make it'))).toBe(CODE.veth);
    expect(codeOf(new FlatnetError('notReady', 'Cannot serve it'))).toBe(CODE.notAvailable);
  });

  it("keeps a protocol error's own code, also with other details", () => {
    const error = new CniError(114, 'IPAM plugin "x" failed');
    expect(codeOf(error.amended({ details: 'and could not be undone' }))).toBe(114);
  });
});

describe('formatError()', () => {
  it('writes one line of JSON without absent details', () => {
    expect(formatError(new FlatnetError('io', 'Cannot read it'), '1.0.0')).toBe(
      '{"cniVersion":"1.0.0","code":5,"msg":"Cannot read it"}',
    );
  });
});
