import { FlatnetError } from '../input/error.ts';
import { type Asked, type Ran, setCall } from '../sys/call.ts';
import { monotonicMs, uptimeMs } from '../sys/clock.ts';
import { endProcess } from '../sys/libc.ts';
import { describeCommand } from '../sys/process/run.ts';
import { isRoot } from '../sys/user.ts';
import { parseArgs } from './args.ts';
import { quote } from '../input/quote.ts';
import { cancelledError, LIMITS_MS, startCancellation } from '../attachment/cancel.ts';
import { type Envelope, parseEnvelope, parseForRemoval, parseNetConf } from './conf/conf.ts';
import { CniError, CODE, codeOf, formatError } from './errors.ts';
import { explain, explainInLine } from '../attachment/explain.ts';
import { logCall, parseLevel } from '../attachment/log.ts';
import { hundredths, type Request, timed, type Trace } from './request.ts';
import type { Host } from './run.ts';
import { formatTrace } from '../attachment/trace.ts';
import { type Verb, VERBS } from './verbs.ts';
import { compareVersions, CURRENT_VERSION } from './version.ts';

/** What is known of a call so far; its log line is made of this, however far it got. */
interface Call {
  readonly host: Host;
  readonly name: string;
  readonly trace: Trace;
  envelope: Envelope | undefined;
}

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

function checkVersion(name: string, verb: Verb, { cniVersion }: Envelope): void {
  if (compareVersions(cniVersion, verb.since) >= 0) return;
  throw new CniError(CODE.incompatibleVersion, `CNI version ${cniVersion} has no ${name}`, {
    details: `${name} came with ${verb.since}; the network configuration says "cniVersion": "${cniVersion}"`,
  });
}

function requireRoot(name: string): void {
  if (isRoot()) return;
  throw new FlatnetError('unsupported', `Cannot run ${name}: flatnet is not running as root`, {
    details:
      'it makes network interfaces, which only root may; run the container as root (sudo podman run ...)',
  });
}

function noteRequest(trace: Trace, { says, ms, refusal }: Asked): void {
  const command = `netlink: ${says}`;
  trace.commands.push({ command, ms: hundredths(ms), ...(refusal === undefined ? {} : { refusal }) });
}

function noteCommand(trace: Trace, { command, completed, ms }: Ran): void {
  trace.commands.push({
    command: describeCommand(command, completed),
    ...(command.input === undefined ? {} : { input: command.input.trim() }),
    ms: hundredths(ms),
    exitCode: completed.exitCode,
    ...(completed.killedBy === null ? {} : { killedBy: completed.killedBy }),
    ...(completed.timedOut ? { timedOut: true } : {}),
    ...(completed.stderr === '' ? {} : { stderr: completed.stderr }),
  });
}

/** The envelope, or why there is none; a wrong environment is reported before a wrong configuration. */
async function tryEnvelope(call: Call): Promise<unknown> {
  try {
    call.envelope = parseEnvelope(await call.host.readStdin());
    return undefined;
  } catch (error) {
    return error;
  }
}

async function buildRequest(call: Call, verb: Verb, signal: AbortSignal): Promise<Request> {
  const problem = await tryEnvelope(call);
  const tolerate = (error: unknown) => {
    call.trace.warnings.push(explainInLine(error, { kind: 'internal', doing: `run ${quote(call.name)}` }));
  };
  const args = parseArgs(call.host.env, verb.required, verb.isTolerant ? tolerate : undefined);
  const { envelope } = call;
  if (envelope === undefined) throw problem;
  checkVersion(call.name, verb, envelope);
  const conf = verb.isTolerant ? parseForRemoval(envelope, args, tolerate) : parseNetConf(envelope, args);
  if (conf.containerName !== undefined) call.trace.facts['containerName'] = conf.containerName;
  return {
    args,
    conf,
    attachment: { network: conf.name, containerID: args.containerID, ifname: args.ifname },
    env: call.host.env,
    signal,
    deliver: (document) => {
      call.host.writeStdout(`${document}\n`);
    },
    trace: call.trace,
  };
}

async function serve(call: Call, signal: AbortSignal): Promise<void> {
  const verb = findVerb(call.name);
  try {
    const request = await timed(call.trace, 'request', () => buildRequest(call, verb, signal));
    requireRoot(call.name);
    const handler = await verb.load();
    await handler(request);
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : undefined;
    throw reason instanceof FlatnetError ? cancelledError(reason, error) : error;
  }
}

function report(call: Call, error: FlatnetError): void {
  try {
    call.host.writeStdout(`${formatError(error, call.envelope?.cniVersion ?? CURRENT_VERSION)}\n`);
  } catch (problem) {
    call.trace.warnings.push(`Cannot hand over the error: ${String(problem)}`);
  }
}

function log(call: Call, ms: number, error: FlatnetError | undefined): void {
  const { env } = call.host;
  const entry = {
    verb: call.name,
    network: call.envelope?.name,
    containerID: env['CNI_CONTAINERID'],
    ifname: env['CNI_IFNAME'],
    ms: Math.round(ms),
    trace: call.trace,
    error,
    code: error === undefined ? undefined : codeOf(error),
  };
  logCall(entry, parseLevel(env['FLATNET_LOG_LEVEL']));
}

function newCall(host: Host): Call {
  const name = host.env['CNI_COMMAND'] ?? '';
  return {
    host,
    name,
    trace: { steps: { start: hundredths(uptimeMs()) }, facts: {}, warnings: [], commands: [] },
    envelope: undefined,
  };
}

/** Serves one call other than VERSION: exactly one document on stdout, one line in the log. Returns the exit code. */
export async function dispatch(host: Host): Promise<number> {
  const start = monotonicMs();
  const call = newCall(host);
  const { name, trace } = call;
  const { signal, done } = startCancellation({
    name,
    isInterruptible: verbNamed(name)?.isInterruptible ?? true,
    trace,
  });
  setCall({
    deadline: start + LIMITS_MS.undo,
    onEnd: (ran) => {
      noteCommand(trace, ran);
    },
    onAnswer: (asked) => {
      noteRequest(trace, asked);
    },
  });
  let failure: FlatnetError | undefined;
  try {
    await serve(call, signal);
  } catch (error) {
    failure = explain(error, { kind: 'internal', doing: `run ${quote(name)}` });
    report(call, failure);
  }
  const ms = monotonicMs() - start;
  log(call, ms, failure);
  host.writeTrace?.(formatTrace(name, ms, trace));
  const exitCode = failure === undefined ? 0 : 1;
  if (host.isWholeProcess) endProcess(exitCode);
  done();
  return exitCode;
}
