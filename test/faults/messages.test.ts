import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CODE, CODE_OF } from '../../src/cni/errors.ts';
import { collectMessages } from './messages.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');

const ROWS = [...DOCUMENT.matchAll(/^\| (\d+)\s*\| `(.+?)`\s*\|(.+?)\|(.+?)\|$/gm)].map(
  ([, code, text = '', cause = '', remedy = '']) => ({ code: Number(code), text, cause, remedy }),
);

/** Frames that only others' words go into; the table has what goes in. */
const FRAMES = ['Cannot …', 'Cannot undo the call', 'Cannot undo …'];
const messages = collectMessages().filter(({ text }) => !FRAMES.includes(text));

/** Of the table without codes: what only a driver of netavark says. */
const DRIVER_ROWS = [...DOCUMENT.matchAll(/^\| `(.+?)`\s*\|(.+?)\|(.+?)\|$/gm)].map(([, text = '']) => text);
const driverMessages = collectMessages('src/netavark/**/*.ts').filter(({ text }) => !FRAMES.includes(text));

const codes: Readonly<Record<string, number>> = Object.fromEntries([
  ...Object.entries(CODE).map(([name, code]) => [`CODE.${name}`, code]),
  ...Object.entries(CODE_OF).map(([kind, code]) => [`'${kind}'`, code]),
]);

describe('docs/errors.md', () => {
  test.each(messages)('tells what "$text" means', ({ text, code }) => {
    const row = ROWS.find((each) => each.text === text);

    expect(row, text).toBeDefined();
    expect(row?.cause.trim(), text).not.toBe('');
    expect(row?.remedy.trim(), text).not.toBe('');
    if (code in codes) expect(row?.code, text).toBe(codes[code]);
  });

  test('tells nothing that flatnet does not say', () => {
    const known = messages.map(({ text }) => text);

    expect(ROWS.map(({ text }) => text).filter((text) => !known.includes(text))).toEqual([]);
  });
});

describe('docs/errors.md of the driver', () => {
  const known = messages.map(({ text }) => text);
  const own = [...new Set(driverMessages.map(({ text }) => text))].filter((text) => !known.includes(text));

  test('tells what each message of its own means, and nothing else', () => {
    expect(own.length).toBeGreaterThan(5);
    expect([...DRIVER_ROWS].sort()).toEqual([...own].sort());
  });
});

describe('every message', () => {
  test.each([...messages, ...driverMessages])(
    '"$text" is a sentence that a person can act on',
    ({ text }) => {
      expect(text).toMatch(/^[A-Z"…]/);
      expect(text).not.toMatch(/[.!]$/);
      expect(text).not.toMatch(/n't\b|'re\b|'ll\b|\bcan't\b/i);
      expect(text).not.toMatch(/'…'|`…`/);
    },
  );
});
