import { describe, expect, it } from 'vitest';
import { formatMessage } from '../../src/sys/syslog.ts';

const TIME = new Date(2026, 2, 7, 9, 5, 3);

describe('formatMessage()', () => {
  it.each([
    ['err', 27],
    ['warning', 28],
    ['info', 30],
    ['debug', 31],
  ] as const)('writes %s of a daemon as priority %i', (severity, priority) => {
    const message = formatMessage({ tag: 'flatnet', severity, line: '{"a":1}' }, TIME);
    expect(message.toString()).toBe(`<${priority}>Mar  7 09:05:03 flatnet: {"a":1}`);
  });

  it('cuts what is longer than the daemons take', () => {
    const message = formatMessage({ tag: 'flatnet', severity: 'info', line: 'é'.repeat(40_000) }, TIME);
    expect(message.length).toBe(32 * 1024);
  });
});
