import { describe, expect, it } from 'vitest';
import { keyOf, partsOf } from '../../src/ipam/key.ts';

describe('partsOf()', () => {
  it('undoes keyOf(), whatever the network is called', () => {
    expect(partsOf(keyOf('a/b', 'fd00::2'))).toEqual({ network: 'a/b', address: 'fd00::2' });
    expect(partsOf('none')).toEqual({ network: '', address: 'none' });
  });
});
