import { UNBOUNDED } from '../../sys/context.ts';
import { runToEnd } from '../../sys/process/run.ts';
import { isExecutableFile } from '../../sys/process/tool.ts';
import { pathInfo } from '../../sys/files/text-file.ts';

export interface PluginFacts {
  readonly path: string;
  readonly isExecutable: boolean;
  /** Its output, if that was no valid answer to VERSION. */
  readonly problem: string | undefined;
  readonly supportedVersions: readonly string[];
}

const QUESTION = '{"cniVersion":"1.0.0"}';

/** `undefined` if it is no answer to VERSION. */
export function parseVersionAnswer(stdout: string): readonly string[] | undefined {
  try {
    const answer: unknown = JSON.parse(stdout);
    if (typeof answer !== 'object' || answer === null || !('supportedVersions' in answer)) return undefined;
    const { supportedVersions } = answer;
    return Array.isArray(supportedVersions)
      ? supportedVersions.filter((version) => typeof version === 'string')
      : undefined;
  } catch {
    return undefined;
  }
}

export async function askVersions(path: string): Promise<Pick<PluginFacts, 'problem' | 'supportedVersions'>> {
  const { exitCode, stdout, stderr, cause } = await runToEnd(
    {
      tool: path,
      args: [],
      input: QUESTION,
      env: { CNI_COMMAND: 'VERSION', CNI_PATH: '/opt/cni/bin' },
    },
    UNBOUNDED,
  );
  const supportedVersions = parseVersionAnswer(stdout);
  if (exitCode === 0 && supportedVersions !== undefined) return { problem: undefined, supportedVersions };
  const said = [stdout, stderr].map((text) => text.trim()).find((text) => text !== '') ?? '';
  const how = cause instanceof Error ? cause.message : `exit code ${exitCode ?? 'none'}`;
  return { problem: said === '' ? how : `${how}: ${said.slice(0, 200)}`, supportedVersions: [] };
}

export async function inspectPlugins(directories: readonly string[]): Promise<readonly PluginFacts[]> {
  const paths = directories
    .map((directory) => `${directory}/flatnet`)
    .filter((path) => pathInfo(path) !== undefined);
  return Promise.all(
    paths.map(async (path) => {
      const isExecutable = isExecutableFile(path);
      const answer = isExecutable ? await askVersions(path) : { problem: undefined, supportedVersions: [] };
      return { path, isExecutable, ...answer };
    }),
  );
}
