/** A problem of a file in one sentence, with its cause or remedy. */
export interface Problem {
  readonly message: string;
  readonly details: string | undefined;
}

/** An error, split as a protocol's answer would into message and details. */
export function problemOf(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof Error && 'details' in error ? error.details : undefined;
  return { message, details: typeof details === 'string' ? details : undefined };
}
