import { gatherFacts } from '../facts/gather.ts';
import { CliError } from '../failure.ts';
import { EXIT, type Io, printJson } from '../io.ts';
import { asTyped } from '../self.ts';
import { isSet, type Call, textOf } from '../spec.ts';
import { count } from '../text/format.ts';
import { styleFor } from '../text/style.ts';
import { writeBundle } from './bundle.ts';
import { diagnose, summarize } from './diagnose.ts';
import type { Finding } from './finding.ts';
import { applyFixes, type Diagnosis, type Outcome } from './fix.ts';
import { renderFindings, renderQuietly } from './render.ts';

interface Examination extends Diagnosis {
  readonly outcomes: readonly Outcome[];
}

async function examine(): Promise<Diagnosis> {
  const facts = await gatherFacts();
  const findings = diagnose(facts).map(({ suggestion, otherwise, ...finding }) => ({
    ...finding,
    ...(suggestion === undefined ? {} : { suggestion: asTyped(suggestion) }),
    ...(otherwise === undefined ? {} : { otherwise: asTyped(otherwise) }),
  }));
  return { facts, findings };
}

/** What to do instead is for those alone whose fix did not help, and is their suggestion then. */
function withoutOtherwise(finding: Finding): Finding {
  const { otherwise: _, ...told } = finding;
  return told;
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

function print({ findings, outcomes }: Examination, call: Call, io: Io): void {
  const summary = summarize(findings);
  if (isSet(call, 'json')) {
    const { exitCode, ...counts } = summary;
    printJson(io, {
      checks: findings.map(withoutOtherwise),
      ...(isSet(call, 'fix')
        ? {
            fixes: outcomes.map(({ finding, ...rest }) => ({
              check: finding.name,
              fix: finding.fix,
              ...rest,
            })),
          }
        : {}),
      summary: { ...counts, exit_code: exitCode },
    });
    return;
  }
  if (isSet(call, 'fix')) io.out(renderOutcomes(outcomes, io));
  io.out(isSet(call, 'quiet') ? renderQuietly(findings) : renderFindings(findings, summary, io));
}

function sayFixable({ findings }: Examination, call: Call, io: Io): void {
  const fixable = findings.filter(({ fix }) => fix !== undefined).length;
  if (fixable === 0 || ['fix', 'json', 'quiet'].some((name) => isSet(call, name))) return;
  io.out(`${count(fixable, 'finding')} can be fixed now: ${asTyped('sudo flatnet doctor --fix')}\n`);
}

/** `flatnet doctor`. */
export async function doctor(call: Call, io: Io): Promise<number> {
  const { isRoot } = await import('../../sys/user.ts');
  if (isSet(call, 'fix') && !isRoot()) {
    throw new CliError('Cannot run "flatnet doctor --fix": it needs root', 'sudo flatnet doctor --fix');
  }
  const examination = isSet(call, 'fix') ? await applyFixes(examine) : { ...(await examine()), outcomes: [] };
  print(examination, call, io);
  sayFixable(examination, call, io);
  const file = textOf(call, 'bundle');
  if (file !== undefined) {
    const { facts, findings } = examination;
    const names = await writeBundle(file, facts, { findings, io });
    io.err(
      `Wrote ${file}: ${count(names.length, 'file')}, readable by you alone. Look through it before you send it.\n`,
    );
  }
  const { exitCode } = summarize(examination.findings);
  return examination.outcomes.some(({ failed }) => failed) ? EXIT.failure : exitCode;
}
