import { describe, expect, test } from 'vitest';
import { lastLine } from '../../../conformance/report/report.ts';
import { report } from './sample.ts';

describe('makeReport()', () => {
  test('counts what broke among the failed, and tells MUST, SHOULD and practice apart', () => {
    expect(report.summary).toEqual({
      passed: 1,
      failed: 4,
      skipped: 1,
      failedMust: 2,
      failedShould: 1,
      failedPractice: 1,
    });
    expect(lastLine(report.summary)).toBe('1 passed, 4 failed, 1 skipped');
  });

  test('is JSON that comes back as it went, calls and all', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report.families[0]?.cases[1]?.calls[0]).toEqual({
      args: [],
      env: { CNI_COMMAND: 'ADD' },
      stdin: '{"name":"</script>"}',
      exitCode: 1,
      signal: null,
      timedOut: false,
      heldOpen: false,
      stdout: '{"code":7}',
      stderr: 'a <b>word</b>',
      ms: 12,
    });
  });
});
