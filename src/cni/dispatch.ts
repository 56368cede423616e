import type { StartedCall } from '../attachment/cancel.ts';
import { timed } from '../attachment/context.ts';
import { logCall, parseLevel } from '../attachment/log.ts';
import { serveCall } from '../attachment/serve.ts';
import { FlatnetError } from '../input/error.ts';
import { quote } from '../input/quote.ts';
import type { Host } from '../sys/process/host.ts';
import { isRoot } from '../sys/user.ts';
import { type Envelope, parseEnvelope } from './conf/envelope.ts';
import { CniError, CODE, codeOf, formatError } from './errors.ts';
import { buildRequest, type Sent } from './request.ts';
import type { Verb } from './verb.ts';
import { CURRENT_VERSION } from './version.ts';

const NAMES = 'ADD, DEL, CHECK, GC, STATUS, VERSION';

function requireVerb(verb: Verb | undefined, name: string): Verb {
  if (verb !== undefined) return verb;
  throw new CniError(CODE.invalidEnvironment, `Unknown CNI_COMMAND ${quote(name)}`, {
    details: `flatnet knows ${NAMES}`,
  });
}

function requireRoot(name: string): void {
  if (isRoot()) return;
  throw new FlatnetError('unsupported', `Cannot run ${name}: flatnet is not running as root`, {
    details:
      'it makes network interfaces, which only root may; run the container as root (sudo podman run ...)',
  });
}

async function readEnvelope(host: Host): Promise<Omit<Sent, 'env'>> {
  try {
    return { envelope: parseEnvelope(await host.readStdin()), problem: undefined };
  } catch (problem) {
    return { envelope: undefined, problem };
  }
}

/** A call and, once parsed, its envelope: enough for error and log line at any stage. */
interface Serving {
  readonly host: Host;
  /** CNI_COMMAND. */
  readonly name: string;
  readonly ctx: StartedCall['ctx'];
  envelope: Envelope | undefined;
}

async function run(serving: Serving, asked: Verb | undefined): Promise<void> {
  const { host, name, ctx } = serving;
  const verb = requireVerb(asked, name);
  const request = await timed(ctx, 'request', async () => {
    const { envelope, problem } = await readEnvelope(host);
    serving.envelope = envelope;
    return buildRequest(verb, { env: host.env, envelope, problem }, ctx);
  });
  requireRoot(name);
  const deliver = (document: string) => {
    host.writeStdout(`${document}\n`);
  };
  await verb.run({ ...request, deliver });
}

function log(
  { host: { env }, name, ctx, envelope }: Serving,
  ms: number,
  error: FlatnetError | undefined,
): void {
  const entry = {
    verb: name,
    network: envelope?.name,
    containerID: env['CNI_CONTAINERID'],
    ifname: env['CNI_IFNAME'],
    ms: Math.round(ms),
    trace: ctx.trace,
    error,
    code: error === undefined ? undefined : codeOf(error),
  };
  logCall(entry, parseLevel(env['FLATNET_LOG_LEVEL']), ctx);
}

/**
 * Serves any call but VERSION; returns the exit code.
 * @param verb undefined if CNI_COMMAND names none.
 */
export async function dispatch(host: Host, verb: Verb | undefined): Promise<number> {
  const name = host.env['CNI_COMMAND'] ?? '';
  const isInterruptible = verb?.isInterruptible ?? true;
  const call = { name, doing: `run ${quote(name)}`, isInterruptible, apply: host.env['FLATNET_APPLY'] };
  return serveCall(host, call, (ctx) => {
    const serving: Serving = { host, name, ctx, envelope: undefined };
    return {
      run: () => run(serving, verb),
      formatError: (error) => formatError(error, serving.envelope?.cniVersion ?? CURRENT_VERSION),
      log: (ms, error) => {
        log(serving, ms, error);
      },
    };
  });
}
