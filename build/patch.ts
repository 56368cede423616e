/** Bytes that go to a place of the binary. */
export interface Edit {
  readonly at: number;
  readonly bytes: Buffer;
}

/** What a patch would write, or why it leaves the binary alone. */
export type Plan = { readonly edits: readonly Edit[] } | { readonly skipped: string };

/** A change to Node's binary that the executable also works without. */
export interface Patch {
  readonly name: string;
  /** Only looks: the binary changes once the whole plan is made, so that no patch is ever half there. */
  readonly plan: (binary: Buffer) => Plan;
}

/** What became of a patch. */
export interface Outcome {
  readonly patch: string;
  /** Why the binary does not have it; undefined where it has. */
  readonly skipped?: string;
}

/** Carries out what the patches plan. A release of Node in which one of them finds nothing to change is built all the same. */
export function applyPatches(binary: Buffer, patches: readonly Patch[]): readonly Outcome[] {
  return patches.map(({ name, plan }) => {
    const planned = planSafely(plan, binary);
    if ('skipped' in planned) return { patch: name, skipped: planned.skipped };
    for (const { at, bytes } of planned.edits) bytes.copy(binary, at);
    return { patch: name };
  });
}

/** A binary of another form makes the plan read beyond its end. */
function planSafely(plan: Patch['plan'], binary: Buffer): Plan {
  try {
    return plan(binary);
  } catch (error) {
    if (error instanceof RangeError) return { skipped: error.message };
    throw error;
  }
}
