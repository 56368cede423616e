import { expect, test } from 'vitest';
import { count, formatBytes, formatDuration, parseSince } from '../../../src/cli/text/format.ts';
import { shortPort } from '../../../src/cli/text/port.ts';

test.each([
  [0, '0 B'],
  [1536, '1.5 KiB'],
  [12_884_901_888, '12.0 GiB'],
  [157_286_400, '150 MiB'],
])('formatBytes(%d) is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [59, '59 s'],
  [60, '1 min'],
  [3_600, '1 h'],
  [5_430, '1 h 30 min'],
  [90_000, '1 d 1 h'],
  [-5, '0 s'],
])('formatDuration(%d) is %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  ['30s', '2026-01-31T11:59:30.000Z'],
  ['2h', '2026-01-31T10:00:00.000Z'],
  ['1d', '2026-01-30T12:00:00.000Z'],
  ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'],
])('parseSince(%j) is a moment', (text, time) => {
  expect(parseSince(text, new Date('2026-01-31T12:00:00Z'))?.toISOString()).toBe(time);
});

test('parseSince() takes nothing else for a time', () => {
  expect(parseSince('yesterday', new Date())).toBeUndefined();
});

test('count() speaks English', () => {
  expect([count(1, 'address'), count(2, 'address'), count(0, 'container')]).toEqual([
    '1 address',
    '2 addresses',
    '0 containers',
  ]);
});

test.each([
  ['0.0.0.0:8080->80/tcp', '8080->80'],
  ['0.0.0.0:53->53/udp', '53->53/udp'],
  ['127.0.0.1:9000-9002->90-92/tcp', '127.0.0.1:9000-9002->90-92'],
  ['[::1]:80->80/sctp', '[::1]:80->80/sctp'],
])('shortPort("%s") is "%s"', (port, short) => {
  expect(shortPort(port)).toBe(short);
});
