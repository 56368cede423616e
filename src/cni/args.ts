import {
  CONTAINER_ID_FORM,
  CONTAINER_ID_LIMIT,
  ifnameProblem,
  isContainerID,
} from '../attachment/parse-names.ts';
import { quote } from '../input/quote.ts';
import { CniError, CODE } from './errors.ts';

/** Checked CNI_* parameters. An absent one is an empty text: runtimes send both. */
export interface CniArgs {
  readonly containerID: string;
  readonly ifname: string;
  /** CNI_NETNS; empty for a DEL whose sandbox is gone. */
  readonly netns: string;
  /** Pairs of CNI_ARGS. */
  readonly args: Readonly<Record<string, string>>;
  /** CNI_PATH, which is searched for delegated plugins. */
  readonly path: readonly string[];
  /** The caller's environment, for delegated plugins only. */
  readonly env: Environment;
}

/** Records an error in a part of the request that the verb does not need. */
export type Tolerate = (error: unknown) => void;

export type RequiredVariable = 'CNI_CONTAINERID' | 'CNI_NETNS' | 'CNI_IFNAME' | 'CNI_PATH';

export type Environment = Readonly<Record<string, string | undefined>>;

function invalid(message: string, details: string): CniError {
  return new CniError(CODE.invalidEnvironment, message, { details });
}

function checkContainerID(id: string): void {
  if (!isContainerID(id)) throw invalid(`Invalid CNI_CONTAINERID ${quote(id)}`, CONTAINER_ID_FORM);
  if (id.length > CONTAINER_ID_LIMIT) {
    throw invalid(
      `CNI_CONTAINERID is ${id.length} characters long`,
      `flatnet takes at most ${CONTAINER_ID_LIMIT}; runtimes use 64`,
    );
  }
}

function checkIfname(name: string): void {
  const problem = ifnameProblem(name);
  if (problem !== undefined) throw invalid(`Invalid CNI_IFNAME ${quote(name)}`, problem);
}

function parsePairs(text: string, tolerate: Tolerate | undefined): Readonly<Record<string, string>> {
  const pairs = text.split(';').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const at = pair.indexOf('=');
      // An empty value, as in `MAC=`, requests nothing.
      if (at > 0 && at === pair.length - 1) return [];
      if (at > 0) return [[pair.slice(0, at), pair.slice(at + 1)]];
      const error = invalid(
        `Invalid CNI_ARGS: ${quote(pair)} is not KEY=VALUE`,
        'pairs are separated by ";"',
      );
      if (tolerate === undefined) throw error;
      tolerate(error);
      return [];
    }),
  );
}

function requireVariables(env: Environment, required: readonly RequiredVariable[]): void {
  const missing = required.filter((name) => (env[name] ?? '') === '');
  if (missing.length === 0) return;
  throw invalid(
    `Required environment variables missing: ${missing.join(', ')}`,
    'a container runtime sets them; to try flatnet by hand see "flatnet --help"',
  );
}

/**
 * @param tolerate handles errors in CNI_ARGS; without it they are thrown.
 * @throws CniError 4, naming all missing variables at once, or the invalid one.
 */
export function parseArgs(
  env: Environment,
  required: readonly RequiredVariable[],
  tolerate?: Tolerate,
): CniArgs {
  requireVariables(env, required);
  const containerID = env['CNI_CONTAINERID'] ?? '';
  const ifname = env['CNI_IFNAME'] ?? '';
  if (required.includes('CNI_CONTAINERID')) checkContainerID(containerID);
  if (required.includes('CNI_IFNAME')) checkIfname(ifname);
  return {
    containerID,
    ifname,
    netns: env['CNI_NETNS'] ?? '',
    args: parsePairs(env['CNI_ARGS'] ?? '', tolerate),
    path: (env['CNI_PATH'] ?? '').split(':').filter((directory) => directory.startsWith('/')),
    env,
  };
}
