import type { Io } from '../io.ts';
import { styleFor } from '../text/style.ts';
import { type Summary, summarize } from './diagnose.ts';
import type { Examination } from './examine.ts';
import type { Finding } from './finding.ts';
import type { Outcome } from './fix.ts';
import { renderFindings, renderQuietly } from './render.ts';

/** `otherwise` has already become the suggestion if a fix did not help. */
function withoutOtherwise(finding: Finding): Finding {
  const { otherwise: _, ...told } = finding;
  return told;
}

function summaryJson({ exitCode, ...counts }: Summary): object {
  return { ...counts, exit_code: exitCode };
}

export function reportJson({ findings, outcomes }: Examination, isFixing: boolean): object {
  const fixes = outcomes.map(({ finding, ...rest }) => ({ check: finding.name, fix: finding.fix, ...rest }));
  return {
    checks: findings.map(withoutOtherwise),
    ...(isFixing ? { fixes } : {}),
    summary: summaryJson(summarize(findings)),
  };
}

function renderOutcomes(outcomes: readonly Outcome[], io: Io): string {
  const style = styleFor(io.color);
  if (outcomes.length === 0) return 'Nothing to fix.\n\n';
  const lines = outcomes.map(({ finding, said, failed }) => {
    const mark = failed ? style.bad('✗ not fixed') : style.good('✓ fixed');
    return `  ${mark}  ${finding.category}/${finding.name}: ${said}`;
  });
  return `${style.bold('Fixes')}\n${lines.join('\n')}\n\n`;
}

export function renderReport(
  { findings, outcomes }: Examination,
  { isFixing, isQuiet }: { readonly isFixing: boolean; readonly isQuiet: boolean },
  io: Io,
): string {
  const fixes = isFixing ? renderOutcomes(outcomes, io) : '';
  return `${fixes}${isQuiet ? renderQuietly(findings) : renderFindings(findings, summarize(findings), io)}`;
}
