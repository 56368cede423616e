export interface Edit {
  readonly at: number;
  readonly bytes: Buffer;
}

/** The edits of a patch, or the reason for skipping it. */
export type Plan = { readonly edits: readonly Edit[] } | { readonly skipped: string };

/** A change to Node's binary that the executable works without, too. */
export interface Patch {
  readonly name: string;
  /** Must not modify the binary: it changes once the whole plan is made, so that no patch is half applied. */
  readonly plan: (binary: Buffer) => Plan;
}

export interface Outcome {
  readonly patch: string;
  /** Why the patch was skipped; undefined if it was applied. */
  readonly skipped?: string;
}

/** Applies the patches; a Node release in which one of them finds nothing to change still builds. */
export function applyPatches(binary: Buffer, patches: readonly Patch[]): readonly Outcome[] {
  return patches.map(({ name, plan }) => {
    const planned = planSafely(plan, binary);
    if ('skipped' in planned) return { patch: name, skipped: planned.skipped };
    for (const { at, bytes } of planned.edits) bytes.copy(binary, at);
    return { patch: name };
  });
}

/** In a binary of another form, a plan may read beyond the end. */
function planSafely(plan: Patch['plan'], binary: Buffer): Plan {
  try {
    return plan(binary);
  } catch (error) {
    if (error instanceof RangeError) return { skipped: error.message };
    throw error;
  }
}
