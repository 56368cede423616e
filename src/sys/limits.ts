/** A program that ran or a request the kernel answered, as the log and `--trace` show it. */
export interface TracedCommand {
  /** The command as a person would type it; for a request the words of `ip` or `nft`. */
  readonly command: string;
  /** Its stdin: the lines of a batch, or a configuration. */
  readonly input?: string;
  readonly ms: number;
  /** `null` for a program that was ended by a signal or did not start; absent for a request. */
  readonly exitCode?: number | null;
  readonly killedBy?: string;
  readonly timedOut?: boolean;
  readonly stderr?: string;
  /** Why the kernel refused the request. */
  readonly refusal?: string;
}

/** The commands of a call, in the order in which they ended. */
export interface CommandTrace {
  readonly commands: TracedCommand[];
}

/** What bounds the work of a call, and where it is noted. */
export interface Limits {
  /** Cancels steps that make things. Absent for steps that must run to their end: undo and DEL. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Reading of `monotonicMs()` by which the call is over, undo steps included. Each program has a time limit of its own,
   * but a runtime waits for their sum.
   */
  readonly deadline: number;
  readonly trace?: CommandTrace | undefined;
}
