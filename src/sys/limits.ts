/** A program run or a kernel request, as the log and `--trace` show it. */
export interface TracedCommand {
  /** As a person would type it; for a request the words of `ip` or `nft`. */
  readonly command: string;
  /** stdin: the lines of a batch, or a configuration. */
  readonly input?: string;
  readonly ms: number;
  /** `null` if a signal ended the program or it did not start; absent for a request. */
  readonly exitCode?: number | null;
  readonly killedBy?: string;
  readonly timedOut?: boolean;
  readonly stderr?: string;
  readonly refusal?: string;
}

/** In the order in which the commands ended. */
export interface CommandTrace {
  readonly commands: TracedCommand[];
}

/** Bounds the work of a call, and traces it. */
export interface Limits {
  /** Cancels steps that make things. Absent for steps that must run to their end: undo and DEL. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Reading of `monotonicMs()` at which the call must be over, undo steps included. Each program has its own time
   * limit, but a runtime waits for their sum.
   */
  readonly deadline: number;
  readonly trace?: CommandTrace | undefined;
}
