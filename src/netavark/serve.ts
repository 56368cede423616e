import { failureOf, type StartedCall, startCall } from '../attachment/cancel.ts';
import { timed } from '../attachment/context.ts';
import { explain, explainInLine } from '../attachment/explain.ts';
import { type Level, logCall, parseLevel } from '../attachment/log.ts';
import { formatTrace } from '../attachment/trace.ts';
import { FlatnetError } from '../input/error.ts';
import { parseObject } from '../input/parse.ts';
import { monotonicMs, uptimeMs } from '../sys/clock.ts';
import { hundredths } from '../sys/context.ts';
import { endProcess } from '../sys/libc.ts';
import { choosePlain } from '../sys/plain/choose.ts';
import { isRoot } from '../sys/user.ts';
import { type Call, type Identity, identityOf } from './call.ts';
import { formatInfo } from './info.ts';
import { inOwnWords } from './own-words.ts';
import type { Word } from './words.ts';

/** The process around a call, so that a test can stand in for it. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readStdin: () => Promise<string>;
  readonly writeStdout: (document: string) => void;
  /** Takes what `--trace` tells of the call; absent: it was not asked for. */
  readonly writeTrace?: ((text: string) => void) | undefined;
  /** The process has nothing to do but this call, and may end with it. */
  readonly isWholeProcess: boolean;
}

interface Command {
  /** Whether SIGTERM and the time limit end it; teardown always finishes. */
  readonly isInterruptible: boolean;
  /** What it reads on stdin. */
  readonly what: string;
  /** Loads the code of this command only. */
  readonly load: () => Promise<(call: Call) => Promise<void>>;
}

const COMMANDS: Readonly<Record<Exclude<Word, 'info'>, Command>> = {
  create: {
    isInterruptible: true,
    what: 'the network on stdin, which "podman network create -d flatnet NAME" writes',
    load: async () => (await import('./create.ts')).create,
  },
  setup: {
    isInterruptible: true,
    what: 'the request of netavark on stdin',
    load: async () => (await import('./setup.ts')).setup,
  },
  teardown: {
    isInterruptible: false,
    what: 'the request of netavark on stdin',
    load: async () => (await import('./teardown.ts')).teardown,
  },
};

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
  readonly word: Exclude<Word, 'info'>;
  readonly netns: string;
  readonly ctx: StartedCall['ctx'];
  identity: Identity;
}

async function run(serving: Serving): Promise<void> {
  const { host, word, netns, ctx } = serving;
  const { what, load } = COMMANDS[word];
  const { stdin, fields } = await timed(ctx, 'request', async () => {
    const text = await host.readStdin();
    return { stdin: text, fields: parseObject(text, what) };
  });
  serving.identity = identityOf(fields);
  refuseRootless(host, word);
  const handler = await load();
  const deliver = (document: string) => {
    host.writeStdout(`${document}\n`);
  };
  await handler({ fields, stdin, netns, ctx, deliver });
}

/** netavark shows `error` after its own words, and nothing besides. */
function report({ host, word, ctx }: Serving, error: FlatnetError): void {
  const text = inOwnWords(explainInLine(error, { kind: 'internal', doing: `run ${word}` }));
  try {
    host.writeStdout(`${JSON.stringify({ error: text })}\n`);
  } catch (problem) {
    ctx.trace.warnings.push(`Cannot hand over the error: ${String(problem)}`);
  }
}

/** netavark hands Podman's `--log-level debug` down as RUST_LOG. */
function levelFor({ env }: Host): Level {
  const isDebug = /\b(debug|trace)\b/.test(env['RUST_LOG'] ?? '');
  return parseLevel(env['FLATNET_LOG_LEVEL'] ?? (isDebug ? 'debug' : undefined));
}

function log({ host, word, ctx, identity }: Serving, ms: number, error: FlatnetError | undefined): void {
  const entry = { verb: word, ...identity, ms: Math.round(ms), trace: ctx.trace, error, code: undefined };
  logCall(entry, levelFor(host), ctx);
}

function answerInfo(host: Host): number {
  host.writeStdout(`${formatInfo()}\n`);
  return 0;
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
export async function serve(host: Host, word: Word, netns: string): Promise<number> {
  if (word === 'info') return answerInfo(host);
  const start = monotonicMs();
  const plain = await choosePlain(host.env['FLATNET_APPLY']);
  const { ctx, done } = startCall(word, COMMANDS[word].isInterruptible, plain);
  ctx.trace.steps['start'] = hundredths(uptimeMs());
  const serving: Serving = { host, word, netns, ctx, identity: NOBODY };
  let failure: FlatnetError | undefined;
  try {
    await run(serving);
  } catch (error) {
    failure = explain(failureOf(ctx, error), { kind: 'internal', doing: `run ${word}` });
    report(serving, failure);
  }
  const ms = monotonicMs() - start;
  log(serving, ms, failure);
  host.writeTrace?.(formatTrace(word, ms, ctx.trace));
  const exitCode = failure === undefined ? 0 : 1;
  if (host.isWholeProcess) endProcess(exitCode);
  done();
  return exitCode;
}
