/**
 * `config` a wrong value; `exhausted` no address left; `unavailable` the requested address has a live holder;
 * `duplicate` the attachment already has its addresses in this sandbox; `busy` another process is making the
 * attachment; `locked` another process holds the lock for too long; `io` the state cannot be read or written.
 */
export type IpamErrorKind = 'config' | 'exhausted' | 'unavailable' | 'duplicate' | 'busy' | 'locked' | 'io';

export interface IpamErrorOptions {
  /** Cause and remedy, in sentences. */
  readonly details?: string;
  /** Path of the wrong value, `ipam.ranges[0][0].subnet`; `config` only. */
  readonly key?: string;
  /** The wrong value as JSON; `config` only. */
  readonly value?: string;
  readonly cause?: unknown;
}

/** The only error of this library. `message` says what failed on what, `details` why and what to do. */
export class IpamError extends Error {
  readonly kind: IpamErrorKind;
  readonly details: string | undefined;
  readonly key: string | undefined;
  readonly value: string | undefined;

  constructor(kind: IpamErrorKind, message: string, options: IpamErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'IpamError';
    this.kind = kind;
    this.details = options.details;
    this.key = options.key;
    this.value = options.value;
  }
}

/** @param hint what would be right. */
export function configError(key: string, value: unknown, hint: string): IpamError {
  const text = value === undefined ? '(absent)' : JSON.stringify(value);
  return new IpamError('config', `Cannot use ${key} ${text}: ${hint}`, { key, value: text });
}
