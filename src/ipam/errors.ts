/**
 * What went wrong, as a caller wants to tell it apart:
 * `config` a wrong value; `exhausted` no address left; `unavailable` the requested address has a live holder;
 * `duplicate` the attachment already has its addresses in this sandbox; `busy` another process is making it right now;
 * `locked` the state is held by another process for too long; `io` the state cannot be read or written.
 */
export type IpamErrorKind = 'config' | 'exhausted' | 'unavailable' | 'duplicate' | 'busy' | 'locked' | 'io';

export interface IpamErrorOptions {
  /** Cause and remedy, in sentences. */
  readonly details?: string;
  /** The configuration key at fault, `ipam.ranges[0][0].subnet`; `config` only. */
  readonly key?: string;
  /** The value found there, as JSON text; `config` only. */
  readonly value?: string;
  readonly cause?: unknown;
}

/** The one error this library throws. `message` says what failed on what, `details` why and what to do. */
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

/** A wrong configuration value: names key and value, and in `hint` what would be right. */
export function configError(key: string, value: unknown, hint: string): IpamError {
  const text = value === undefined ? '(absent)' : JSON.stringify(value);
  return new IpamError('config', `Cannot use ${key} ${text}: ${hint}`, { key, value: text });
}
