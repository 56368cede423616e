import { type ErrorKind, FlatnetError } from '../input/error.ts';
import { NoBridgesError } from '../bridge/kind.ts';
import { BridgeConflictError } from '../bridge/plan.ts';
import { IpamError, type IpamErrorKind } from '../ipam/errors.ts';
import { RollbackError } from './rollback.ts';
import { isFromKernel } from '../sys/netlink/error.ts';
import { NetnsError } from '../sys/netns.ts';
import { CommandError } from '../sys/process/run.ts';
import { isStdinError } from '../sys/process/stdin.ts';
import { ToolMissingError } from '../sys/process/tool.ts';

/** `doing` completes the sentence "Cannot ...". */
export interface Doing {
  readonly kind: ErrorKind;
  readonly doing: string;
  readonly remedy?: string;
}

const KIND_OF: Readonly<Record<IpamErrorKind, ErrorKind>> = {
  config: 'invalid',
  busy: 'busy',
  locked: 'busy',
  io: 'io',
  duplicate: 'ipam',
  exhausted: 'ipam',
  unavailable: 'ipam',
};

const NOT_PERMITTED = /Operation not permitted|Permission denied/;
const PERMISSION_REMEDY =
  'flatnet needs root with CAP_NET_ADMIN and CAP_SYS_ADMIN in the network namespace of the host';

function remedyFor(error: CommandError, doing: Doing): string | undefined {
  if (NOT_PERMITTED.test(error.completed.stderr)) return PERMISSION_REMEDY;
  return doing.remedy;
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('; ');
}

function fromCommand(error: CommandError, doing: Doing): FlatnetError {
  const kind = error.completed.timedOut && doing.kind === 'internal' ? 'busy' : doing.kind;
  return new FlatnetError(kind, `Cannot ${doing.doing}`, {
    details: joined(error.message, remedyFor(error, doing)),
    cause: error,
  });
}

function isForbidden(error: unknown): boolean {
  return isFromKernel(error) && ['EPERM', 'EACCES'].includes(error.code);
}

function fromUnknown(error: unknown, doing: Doing): FlatnetError {
  const message = error instanceof Error ? error.message : String(error);
  return new FlatnetError(doing.kind, `Cannot ${doing.doing}`, {
    details: joined(message, isForbidden(error) ? PERMISSION_REMEDY : doing.remedy),
    cause: error,
  });
}

/** Turns any error into the one that leaves the process. A FlatnetError passes unchanged. */
export function explain(error: unknown, doing: Doing): FlatnetError {
  if (error instanceof FlatnetError) return error;
  if (error instanceof RollbackError) {
    const first = explain(error.cause, doing);
    return first.amended({ details: joined(first.details, error.message), cause: error });
  }
  if (error instanceof IpamError) {
    return new FlatnetError(KIND_OF[error.kind], error.message, { details: error.details, cause: error });
  }
  if (error instanceof NetnsError) {
    const details =
      'the container is gone, or the runtime passed the wrong namespace; start the container again';
    return new FlatnetError('netns', error.message, { details, cause: error });
  }
  if (error instanceof BridgeConflictError) {
    return new FlatnetError('bridge', error.message, { details: error.remedy, cause: error });
  }
  if (error instanceof ToolMissingError || error instanceof NoBridgesError) {
    return new FlatnetError('unsupported', error.message, { details: error.remedy, cause: error });
  }
  if (isStdinError(error)) {
    return new FlatnetError('io', `Cannot read the network configuration: ${error.message}`, {
      cause: error,
    });
  }
  if (error instanceof CommandError) return fromCommand(error, doing);
  return fromUnknown(error, doing);
}

/** `explain` in one line, for a warning. */
export function explainInLine(error: unknown, doing: Doing): string {
  const { message, details } = explain(error, doing);
  return details === undefined ? message : `${message}: ${details}`;
}

/** Explains a failure of the step. @throws FlatnetError */
export async function step<T>(doing: Doing, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw explain(error, doing);
  }
}
