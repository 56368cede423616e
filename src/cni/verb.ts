import type { RequiredVariable } from './args.ts';
import type { CniRequest } from './types.ts';
import type { CniVersion } from './version.ts';

/** A verb but VERSION, which is answered before a request is read. */
export interface Verb {
  /** As CNI_COMMAND has it. */
  readonly name: string;
  /** Variables that must be set (SPEC section 2, "Operations"). */
  readonly required: readonly RequiredVariable[];
  /** First version of the spec with this verb. */
  readonly since: CniVersion;
  /** Whether SIGTERM and the time limit end it; DEL always finishes. */
  readonly isInterruptible: boolean;
  /** Whether errors in unneeded parts of the request are only logged: DEL removes what exists. */
  readonly isTolerant: boolean;
  readonly run: (request: CniRequest) => Promise<void>;
}
