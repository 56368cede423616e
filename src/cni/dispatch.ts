import { failureOf, type StartedCall, startCall } from '../attachment/cancel.ts';
import { timed } from '../attachment/context.ts';
import { explain } from '../attachment/explain.ts';
import { logCall, parseLevel } from '../attachment/log.ts';
import { formatTrace } from '../attachment/trace.ts';
import { FlatnetError } from '../input/error.ts';
import { quote } from '../input/quote.ts';
import { monotonicMs, uptimeMs } from '../sys/clock.ts';
import { hundredths } from '../sys/context.ts';
import { endProcess } from '../sys/libc.ts';
import { choosePlain } from '../sys/plain/choose.ts';
import { isRoot } from '../sys/user.ts';
import { type Envelope, parseEnvelope } from './conf/envelope.ts';
import { CniError, CODE, codeOf, formatError } from './errors.ts';
import { buildRequest, type Sent } from './request.ts';
import type { Host } from './run.ts';
import { type Verb, VERBS } from './verbs.ts';
import { CURRENT_VERSION } from './version.ts';

function verbNamed(name: string): Verb | undefined {
  return Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
}

function findVerb(name: string): Verb {
  const verb = verbNamed(name);
  if (verb !== undefined) return verb;
  throw new CniError(CODE.invalidEnvironment, `Unknown CNI_COMMAND ${quote(name)}`, {
    details: `flatnet knows ${[...Object.keys(VERBS), 'VERSION'].join(', ')}`,
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
  readonly name: string;
  readonly ctx: StartedCall['ctx'];
  envelope: Envelope | undefined;
}

async function serve(serving: Serving): Promise<void> {
  const { host, name, ctx } = serving;
  const verb = findVerb(name);
  const request = await timed(ctx, 'request', async () => {
    const { envelope, problem } = await readEnvelope(host);
    serving.envelope = envelope;
    return buildRequest({ name, verb }, { env: host.env, envelope, problem }, ctx);
  });
  requireRoot(name);
  const handler = await verb.load();
  const deliver = (document: string) => {
    host.writeStdout(`${document}\n`);
  };
  await handler({ ...request, deliver });
}

function report({ host, ctx, envelope }: Serving, error: FlatnetError): void {
  try {
    host.writeStdout(`${formatError(error, envelope?.cniVersion ?? CURRENT_VERSION)}\n`);
  } catch (problem) {
    ctx.trace.warnings.push(`Cannot hand over the error: ${String(problem)}`);
  }
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

/** Serves any call but VERSION: prints exactly one document, logs one line, and returns the exit code. */
export async function dispatch(host: Host): Promise<number> {
  const start = monotonicMs();
  const name = host.env['CNI_COMMAND'] ?? '';
  const plain = await choosePlain(host.env['FLATNET_APPLY']);
  const { ctx, done } = startCall(name, verbNamed(name)?.isInterruptible ?? true, plain);
  ctx.trace.steps['start'] = hundredths(uptimeMs());
  const serving: Serving = { host, name, ctx, envelope: undefined };
  let failure: FlatnetError | undefined;
  try {
    await serve(serving);
  } catch (error) {
    failure = explain(failureOf(ctx, error), { kind: 'internal', doing: `run ${quote(name)}` });
    report(serving, failure);
  }
  const ms = monotonicMs() - start;
  log(serving, ms, failure);
  host.writeTrace?.(formatTrace(name, ms, ctx.trace));
  const exitCode = failure === undefined ? 0 : 1;
  if (host.isWholeProcess) endProcess(exitCode);
  done();
  return exitCode;
}
