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

/** One of the codes above, or a delegated plugin's own. */
export type Code = number;

/** The code that answers for each kind of error. */
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

/** The kind of protocol errors, for callers without codes. */
const PROTOCOL_KIND: ErrorKind = 'invalid';

/** An error that only the CNI protocol knows, with its own code; so has a delegated plugin's. */
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

/** The code that an error leaves the process with. */
export function codeOf(error: FlatnetError): Code {
  return error instanceof CniError ? error.code : CODE_OF[error.kind];
}

/** The error document of SPEC "Error", as one line of JSON. */
export function formatError(error: FlatnetError, cniVersion: string): string {
  const { message: msg, details } = error;
  return JSON.stringify({
    cniVersion,
    code: codeOf(error),
    msg,
    ...(details === undefined ? {} : { details }),
  });
}
