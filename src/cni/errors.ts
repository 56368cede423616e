import { type ErrorKind, type ErrorOptions, FlatnetError } from '../input/error.ts';

/** Error codes: the table of SPEC 1.1.0 "Error" up to 99, flatnet's own from 100. docs/errors.md explains them. */
export const CODE = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  invalidEnvironment: 4,
  io: 5,
  decode: 6,
  invalidConfig: 7,
  tryAgainLater: 11,
  notAvailable: 50,
  bridge: 100,
  veth: 101,
  ipam: 102,
  netns: 103,
  route: 104,
  firewall: 105,
  internal: 999,
} as const;

/** A value of CODE, or a delegated plugin's own code. */
export type Code = number;

export const CODE_OF: Readonly<Record<ErrorKind, Code>> = {
  malformed: CODE.decode,
  invalid: CODE.invalidConfig,
  unsupported: CODE.notAvailable,
  notReady: CODE.notAvailable,
  busy: CODE.tryAgainLater,
  io: CODE.io,
  bridge: CODE.bridge,
  veth: CODE.veth,
  ipam: CODE.ipam,
  netns: CODE.netns,
  route: CODE.route,
  firewall: CODE.firewall,
  internal: CODE.internal,
};

/** Kind of protocol errors, for callers without codes. */
const PROTOCOL_KIND: ErrorKind = 'invalid';

/** An error with an explicit code: one of the CNI protocol, or of a delegated plugin. */
export class CniError extends FlatnetError {
  readonly code: Code;

  constructor(code: Code, message: string, options: ErrorOptions = {}) {
    super(PROTOCOL_KIND, message, options);
    this.name = 'CniError';
    this.code = code;
  }

  override amended(options: ErrorOptions): CniError {
    return new CniError(this.code, this.message, options);
  }
}

export function codeOf(error: FlatnetError): Code {
  return error instanceof CniError ? error.code : CODE_OF[error.kind];
}

/** The error document of SPEC "Error", on one line. */
export function formatError(error: FlatnetError, cniVersion: string): string {
  const { message: msg, details } = error;
  return JSON.stringify({
    cniVersion,
    code: codeOf(error),
    msg,
    ...(details === undefined ? {} : { details }),
  });
}
