import { UNBOUNDED } from '../../sys/context.ts';
import { followProgram } from '../../sys/process/follow-program.ts';
import { describeEnd, runToEnd } from '../../sys/process/run.ts';
import { type Details, parseDetails, parseList } from './podman-json.ts';
import type { Runtime } from './runtime.ts';

/** CONTAINERS_CONF and the settings of its storage change what Podman sees. */
export type Environment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 20_000;

interface Asked {
  readonly args: readonly string[];
  /** Where the exit code says only that one of several is gone. */
  readonly takesPart?: boolean;
}

async function podman({ args, takesPart = false }: Asked, env: Environment): Promise<string> {
  const completed = await runToEnd({ tool: 'podman', args, env, timeoutMs: TIMEOUT_MS }, UNBOUNDED);
  if (completed.exitCode === 0 || (takesPart && completed.exitCode === 125)) return completed.stdout;
  throw new Error(`"podman ${args[0] ?? ''}" ${describeEnd(completed)}`);
}

async function detailsOf(
  what: 'container' | 'image',
  ids: readonly string[],
  env: Environment,
): Promise<ReadonlyMap<string, Details>> {
  if (ids.length === 0) return new Map();
  const text = await podman({ args: [what, 'inspect', ...ids], takesPart: true }, env);
  return parseDetails(text, what === 'image' ? 'an image' : 'a container');
}

/** Podman's command, for a host where nothing serves its API. */
export function podmanCommand(env: Environment): Runtime {
  return {
    via: 'command',
    list: async () => parseList(await podman({ args: ['ps', '--all', '--format', 'json'] }, env)),
    containerDetails: (ids) => detailsOf('container', ids, env),
    imageDetails: (ids) => detailsOf('image', ids, env),
    followEvents: async (signal, onEvent) => {
      const args = ['events', '--stream', '--format', 'json', '--filter', 'type=container'];
      const said = await followProgram({ tool: 'podman', args, env }, signal, onEvent);
      if (said !== '' && !signal.aborted) throw new Error(`"podman events" ended: ${said}`);
    },
  };
}
