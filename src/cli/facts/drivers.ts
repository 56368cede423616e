import { DRIVER } from '../../netavark/network-file.ts';
import { DRIVER_DIRECTORIES } from '../../sys/containers-conf.ts';
import { UNBOUNDED } from '../../sys/context.ts';
import { pathInfo } from '../../sys/files/text-file.ts';
import { runToEnd } from '../../sys/process/run.ts';
import { isExecutableFile } from '../../sys/process/tool.ts';

/** The driver in one of the directories netavark looks into. */
export interface DriverFacts {
  readonly path: string;
  /** Whether netavark looks there: not where containers.conf names other directories. */
  readonly isSearched: boolean;
  readonly isExecutable: boolean;
  /** What it said to `info`, when that was no answer of a driver. */
  readonly problem: string | undefined;
  /** `0.5.0`; empty where it gives no answer. */
  readonly version: string;
}

/** Reads an answer to `info`; `undefined` when it is none. */
export function parseInfoAnswer(stdout: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(stdout);
    if (typeof answer !== 'object' || answer === null) return undefined;
    const isAnswer = 'version' in answer && 'api_version' in answer;
    return isAnswer && typeof answer.version === 'string' ? answer.version : undefined;
  } catch {
    return undefined;
  }
}

/** Asks a driver who it is. */
export async function askDriver(path: string): Promise<Pick<DriverFacts, 'problem' | 'version'>> {
  const { exitCode, stdout, stderr, cause } = await runToEnd(
    { tool: path, args: ['info'], timeoutMs: 10_000 },
    UNBOUNDED,
  );
  const version = parseInfoAnswer(stdout);
  if (exitCode === 0 && version !== undefined) return { problem: undefined, version };
  const said = [stdout, stderr].map((text) => text.trim()).find((text) => text !== '') ?? '';
  const how = cause instanceof Error ? cause.message : `exit code ${exitCode ?? 'none'}`;
  return { problem: said === '' ? how : `${how}: ${said.slice(0, 200)}`, version: '' };
}

/** Looks for the driver where netavark does, and in its usual directories; asks each copy that can run. */
export async function inspectDrivers(directories: readonly string[]): Promise<readonly DriverFacts[]> {
  const places = [...new Set([...directories, ...DRIVER_DIRECTORIES])];
  const present = places.filter((directory) => pathInfo(`${directory}/${DRIVER}`) !== undefined);
  return Promise.all(
    present.map(async (directory) => {
      const path = `${directory}/${DRIVER}`;
      const isExecutable = isExecutableFile(path);
      const answer = isExecutable ? await askDriver(path) : { problem: undefined, version: '' };
      return { path, isSearched: directories.includes(directory), isExecutable, ...answer };
    }),
  );
}
