import { NoBridgesError } from '../bridge/kind.ts';
import { BridgeConflictError } from '../bridge/plan.ts';
import { IpamError, type IpamErrorKind } from '../ipam/errors.ts';
import { RollbackError } from '../rollback.ts';
import { isFromKernel } from '../sys/netlink-error.ts';
import { NetnsError } from '../sys/netns.ts';
import { CommandError } from '../sys/run.ts';
import { isStdinError } from '../sys/stdin.ts';
import { ToolMissingError } from '../sys/tool.ts';
import { CniError, CODE, type Code } from './errors.ts';

/** What was being done when something failed: `doing` completes the sentence "Cannot ...". */
export interface Doing {
  readonly code: Code;
  readonly doing: string;
  readonly remedy?: string;
}

const IPAM_CODES: Readonly<Record<IpamErrorKind, Code>> = {
  config: CODE.invalidConfig,
  busy: CODE.tryAgainLater,
  locked: CODE.tryAgainLater,
  io: CODE.io,
  duplicate: CODE.ipam,
  exhausted: CODE.ipam,
  unavailable: CODE.ipam,
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

function fromCommand(error: CommandError, doing: Doing): CniError {
  const code = error.completed.timedOut && doing.code === CODE.internal ? CODE.tryAgainLater : doing.code;
  return new CniError(code, `Cannot ${doing.doing}`, {
    details: joined(error.message, remedyFor(error, doing)),
    cause: error,
  });
}

function isForbidden(error: unknown): boolean {
  return isFromKernel(error) && ['EPERM', 'EACCES'].includes(error.code);
}

function fromUnknown(error: unknown, doing: Doing): CniError {
  const message = error instanceof Error ? error.message : String(error);
  return new CniError(doing.code, `Cannot ${doing.doing}`, {
    details: joined(message, isForbidden(error) ? PERMISSION_REMEDY : doing.remedy),
    cause: error,
  });
}

/** Turns any error into the one that leaves the process. Errors that are explained already pass unchanged. */
export function explain(error: unknown, doing: Doing): CniError {
  if (error instanceof CniError) return error;
  if (error instanceof RollbackError) {
    const first = explain(error.cause, doing);
    return new CniError(first.code, first.message, {
      details: joined(first.details, error.message),
      cause: error,
    });
  }
  if (error instanceof IpamError) {
    return new CniError(IPAM_CODES[error.kind], error.message, { details: error.details, cause: error });
  }
  if (error instanceof NetnsError) {
    const details =
      'the container is gone, or the runtime named a wrong path in CNI_NETNS; start the container again';
    return new CniError(CODE.netns, error.message, { details, cause: error });
  }
  if (error instanceof BridgeConflictError) {
    return new CniError(CODE.bridge, error.message, { details: error.remedy, cause: error });
  }
  if (error instanceof ToolMissingError || error instanceof NoBridgesError) {
    return new CniError(CODE.notAvailable, error.message, { details: error.remedy, cause: error });
  }
  if (isStdinError(error)) {
    return new CniError(CODE.io, `Cannot read the network configuration: ${error.message}`, { cause: error });
  }
  if (error instanceof CommandError) return fromCommand(error, doing);
  return fromUnknown(error, doing);
}

/** The same in one line, for a warning. */
export function explainInLine(error: unknown, doing: Doing): string {
  const { message, details } = explain(error, doing);
  return details === undefined ? message : `${message}: ${details}`;
}

/** Runs a step; its failure says what was being done. */
export async function step<T>(doing: Doing, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw explain(error, doing);
  }
}
