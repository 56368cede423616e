import type { Context } from '../../sys/context.ts';
import { gatherFacts } from '../facts/gather.ts';
import { asTyped } from '../self.ts';
import { diagnose } from './diagnose.ts';
import { applyFixes, type Diagnosis, type Outcome } from './fix.ts';

export interface Examination extends Diagnosis {
  readonly outcomes: readonly Outcome[];
}

async function look(ctx: Context): Promise<Diagnosis> {
  const facts = await gatherFacts(ctx);
  const findings = diagnose(facts).map(({ suggestion, otherwise, ...finding }) => ({
    ...finding,
    ...(suggestion === undefined ? {} : { suggestion: asTyped(suggestion) }),
    ...(otherwise === undefined ? {} : { otherwise: asTyped(otherwise) }),
  }));
  return { facts, findings };
}

/** Examines this host; with `isFixing`, applies the safe remedies and examines it again. */
export async function examine(isFixing: boolean, ctx: Context): Promise<Examination> {
  return isFixing ? applyFixes(look, ctx) : { ...(await look(ctx)), outcomes: [] };
}
