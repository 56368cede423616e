/** Error codes: the spec's table (SPEC 1.1.0 "Error") up to 99, flatnet's own from 100. docs/errors.md explains those it uses. */
export const CODE = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  io: 5,
  decode: 6,
  invalidConfig: 7,
  tryAgainLater: 11,
  notAvailable: 50,
  limitedConnectivity: 51,
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

/** No message needs more; a configuration of megabytes must not become an error of megabytes. */
const MESSAGE_LIMIT = 1_000;
const DETAILS_LIMIT = 4_000;

/**
 * A text for a terminal and for one line of a log: names come from others, and what is no printable character in them
 * (escape sequences, line ends, changes of direction) is shown as its code.
 */
function printable(text: string, limit: number): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}...` : text;
  return shown.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The one error that leaves the process: `msg` says what failed and on what, `details` the cause and the remedy. */
export class CniError extends Error {
  readonly code: Code;
  readonly details: string | undefined;

  constructor(code: Code, message: string, options: { details?: string | undefined; cause?: unknown } = {}) {
    super(printable(message, MESSAGE_LIMIT), { cause: options.cause });
    this.name = 'CniError';
    this.code = code;
    this.details = options.details === undefined ? undefined : printable(options.details, DETAILS_LIMIT);
  }
}

/** The error document of SPEC "Error", as one line of JSON. */
export function formatError(error: CniError, cniVersion: string): string {
  const { code, message: msg, details } = error;
  return JSON.stringify({ cniVersion, code, msg, ...(details === undefined ? {} : { details }) });
}
