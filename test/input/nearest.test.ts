import { expect, it } from 'vitest';
import { nearest } from '../../src/input/nearest.ts';

const KNOWN = ['mtu', 'masquerade', 'isolate', 'ingress-policy'];

it.each([
  ['mtt', 'mtu'],
  ['mut', 'mtu'],
  ['Masqerade', 'masquerade'],
  ['isolated', 'isolate'],
  ['ingres-policy', 'ingress-policy'],
])('nearest() takes %j for %j', (word, meant) => {
  expect(nearest(word, KNOWN)).toBe(meant);
});

it.each(['quota', 'com.example/label', 'x'.repeat(10_000)])('nearest() finds nothing near %.20j', (word) => {
  expect(nearest(word, KNOWN)).toBeUndefined();
});
