import { globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

/*
 * What went wrong in the runs of a directory of vitest's JSON reports, in short: `node scripts/list-failures.ts DIR`.
 * A test that passed when it was tried once more is listed too: it is a defect all the same.
 */

interface TestReport {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

interface FileReport {
  readonly name: string;
  readonly message: string;
  readonly status: string;
  readonly assertionResults: readonly TestReport[];
}

/** Of a failure, what fits a summary: the message, not where it was thrown. */
const SHOWN_LINES = 8;

function shorten(message: string): string {
  const lines = message.split('\n').filter((line) => !/^\s+at /.test(line));
  return lines
    .slice(0, SHOWN_LINES)
    .map((line) => `    ${line}`)
    .join('\n');
}

function describeFile({ name, message, status, assertionResults }: FileReport): readonly string[] {
  const file = relative(process.cwd(), name);
  const tests = assertionResults
    .filter(({ failureMessages }) => failureMessages.length > 0)
    .map((test) => {
      const word = test.status === 'passed' ? 'PASSED AT THE SECOND TRY' : 'FAILED';
      return `${word} ${file} > ${test.fullName}\n${shorten(test.failureMessages[0] ?? '')}`;
    });
  const isBroken = status === 'failed' && tests.length === 0;
  return isBroken ? [`FAILED ${file}\n${shorten(message)}`] : tests;
}

/** A run that broke down before its first test has no results. */
function hasResults(value: unknown): value is { readonly testResults: readonly FileReport[] } {
  return typeof value === 'object' && value !== null && 'testResults' in value;
}

for (const path of globSync(`${process.argv[2] ?? '.'}/*.json`)) {
  const report: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!hasResults(report)) continue;
  for (const text of report.testResults.flatMap(describeFile)) console.log(text);
}
