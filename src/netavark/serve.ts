import type { StartedCall } from '../attachment/cancel.ts';
import { timed } from '../attachment/context.ts';
import { explainInLine } from '../attachment/explain.ts';
import { type Level, logCall, parseLevel } from '../attachment/log.ts';
import { serveCall } from '../attachment/serve.ts';
import { FlatnetError } from '../input/error.ts';
import { parseObject } from '../input/parse.ts';
import type { Host } from '../sys/process/host.ts';
import { isRoot } from '../sys/user.ts';
import { type Call, type Identity, identityOf } from './call.ts';
import { inOwnWords } from './own-words.ts';
import type { Word } from './words.ts';

/** A command of netavark but `info`, which is answered before a request is read. */
export interface Command {
  readonly word: Exclude<Word, 'info'>;
  /** Whether SIGTERM and the time limit end it; teardown always finishes. */
  readonly isInterruptible: boolean;
  /** What it reads on stdin. */
  readonly what: string;
  readonly run: (call: Call) => Promise<void>;
}

/** In the user namespace of rootless Podman a user is root, but not of the host's network. */
function refuseRootless({ env }: Host, word: Word): void {
  const isRootless = (env['_CONTAINERS_ROOTLESS_UID'] ?? '') !== '';
  if (isRoot() && !isRootless) return;
  const reason = isRootless ? 'Podman is rootless' : 'flatnet is not running as root';
  throw new FlatnetError('unsupported', `Cannot run ${word}: ${reason}`, {
    details: 'it makes network interfaces of the host, which only root may; use sudo podman ...',
  });
}

/** A call, and as much as is known of it. */
interface Serving {
  readonly host: Host;
  readonly command: Command;
  readonly netns: string;
  readonly ctx: StartedCall['ctx'];
  identity: Identity;
}

async function run(serving: Serving): Promise<void> {
  const { host, command, netns, ctx } = serving;
  const { stdin, fields } = await timed(ctx, 'request', async () => {
    const text = await host.readStdin();
    return { stdin: text, fields: parseObject(text, command.what) };
  });
  serving.identity = identityOf(fields);
  refuseRootless(host, command.word);
  const deliver = (document: string) => {
    host.writeStdout(`${document}\n`);
  };
  await command.run({ fields, stdin, netns, ctx, deliver });
}

/** netavark shows `error` after its own words, and nothing besides. */
function formatError(error: FlatnetError, word: Word): string {
  return JSON.stringify({
    error: inOwnWords(explainInLine(error, { kind: 'internal', doing: `run ${word}` })),
  });
}

/** netavark hands Podman's `--log-level debug` down as RUST_LOG. */
function levelFor({ env }: Host): Level {
  const isDebug = /\b(debug|trace)\b/.test(env['RUST_LOG'] ?? '');
  return parseLevel(env['FLATNET_LOG_LEVEL'] ?? (isDebug ? 'debug' : undefined));
}

function log({ host, command, ctx, identity }: Serving, ms: number, error: FlatnetError | undefined): void {
  const entry = {
    verb: command.word,
    ...identity,
    ms: Math.round(ms),
    trace: ctx.trace,
    error,
    code: undefined,
  };
  logCall(entry, levelFor(host), ctx);
}

/** What names the network when nothing could be read. */
const NOBODY: Identity = { network: undefined, containerID: undefined, ifname: undefined };

/**
 * Serves one call of Podman or netavark: one document on stdout, one line in the log, nothing on stderr, which reaches the
 * user's terminal.
 *
 * @param netns the second argument.
 * @returns the exit code.
 */
export async function serve(host: Host, command: Command, netns: string): Promise<number> {
  const { word, isInterruptible } = command;
  const call = { name: word, doing: `run ${word}`, isInterruptible, apply: host.env['FLATNET_APPLY'] };
  return serveCall(host, call, (ctx) => {
    const serving: Serving = { host, command, netns, ctx, identity: NOBODY };
    return {
      run: () => run(serving),
      formatError: (error) => formatError(error, word),
      log: (ms, error) => {
        log(serving, ms, error);
      },
    };
  });
}
