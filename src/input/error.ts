import { printable } from './printable.ts';

/**
 * `malformed` text that cannot be parsed; `invalid` a wrong value in a configuration or request; `unsupported` by this
 * host or its kernel; `notReady` the next attachment would fail; `busy` try again later; `io` a file or stream;
 * `internal` anything unforeseen; the others name the part that failed.
 */
export type ErrorKind =
  | 'malformed'
  | 'invalid'
  | 'unsupported'
  | 'notReady'
  | 'busy'
  | 'io'
  | 'bridge'
  | 'veth'
  | 'ipam'
  | 'netns'
  | 'route'
  | 'firewall'
  | 'internal';

/** In UTF-16 code units. A configuration of megabytes must not become an error of megabytes. */
const MESSAGE_LIMIT = 1_000;
const DETAILS_LIMIT = 4_000;

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}...` : text;
}

export interface ErrorOptions {
  readonly details?: string | undefined;
  readonly cause?: unknown;
}

/**
 * `message` says what failed and on what, `details` the cause and the remedy. Each protocol maps `kind` to its own
 * answer: CNI to a code, netavark to `{"error": …}`.
 */
export class FlatnetError extends Error {
  readonly kind: ErrorKind;
  readonly details: string | undefined;

  constructor(kind: ErrorKind, message: string, options: ErrorOptions = {}) {
    super(printable(cut(message, MESSAGE_LIMIT)), { cause: options.cause });
    this.name = 'FlatnetError';
    this.kind = kind;
    this.details = options.details === undefined ? undefined : printable(cut(options.details, DETAILS_LIMIT));
  }

  /** The same error with other details. */
  amended(options: ErrorOptions): FlatnetError {
    return new FlatnetError(this.kind, this.message, options);
  }
}
