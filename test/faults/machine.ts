import { copyFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import type { ExecOptions, ExecResult } from '../../conformance/exec.ts';
import { createHost, type Host, type HostOptions, type Sandbox } from '../../conformance/host.ts';
import { EXECUTABLE } from '../executable.ts';
import { driverInvocation, expectDriverError, type Invocation, isDriver } from './protocol.ts';
import { stateOf } from './state.ts';

/** A network configuration as a runtime sends it. */
export type Conf = Readonly<Record<string, unknown>>;

/** What is asked of the plugin; whatever is absent is what a runtime would send. */
export interface CallOptions {
  readonly conf?: Conf;
  /** stdin as it is, instead of a configuration. */
  readonly input?: string;
  readonly containerID?: string;
  readonly ifname?: string;
  /** CNI_NETNS; the sandbox's path when absent, no variable at all when `null`. */
  readonly netns?: string | null;
  readonly env?: Readonly<Record<string, string>>;
  /** A program and its words that start the plugin: `strace`, `prlimit`. */
  readonly under?: readonly string[];
  readonly timeoutMs?: number;
}

/** How a call ended, and the one JSON document on its stdout, if that is what is there. */
export interface Answer extends ExecResult {
  /** Of a call of netavark; else of CNI. */
  readonly isOfDriver?: boolean;
  readonly document: Readonly<Record<string, unknown>> | undefined;
}

/** A throw-away host with one container, and flatnet to attach it. */
export interface Machine extends AsyncDisposable {
  readonly host: Host;
  readonly sandbox: Sandbox;
  call(verb: string, options?: CallOptions): Promise<Answer>;
  /** What flatnet has there: links, addresses, routes, rules on both sides, allocations, files and locks. */
  state(): Promise<readonly string[]>;
}

export const CONTAINER = 'f'.repeat(64);

/** The smallest configuration that exercises everything: addresses, routes, masquerade. */
export const CONF: Conf = { cniVersion: '1.0.0', name: 'flatnet', type: 'flatnet', ipMasq: true };

/** A clone below /tmp is hidden with it; the executable alone is put back. */
async function keepExecutable(host: Host): Promise<void> {
  if (!EXECUTABLE.startsWith('/tmp/')) return;
  await mkdir(dirname(host.file(EXECUTABLE)), { recursive: true });
  await copyFile(EXECUTABLE, host.file(EXECUTABLE));
}

export async function createMachine(
  options?: HostOptions & { readonly sandboxName?: string | undefined },
): Promise<Machine> {
  const host = await createHost({ ...options, tmpfs: ['/tmp', ...(options?.tmpfs ?? [])] });
  await keepExecutable(host);
  const sandbox = await host.addSandbox(options?.sandboxName);
  return {
    host,
    sandbox,
    call: (verb, callOptions) => call({ host, sandbox }, verb, callOptions),
    state: () => stateOf(host, sandbox),
    [Symbol.asyncDispose]: () => host.dispose(),
  };
}

interface Target {
  readonly host: Pick<Host, 'exec'>;
  readonly sandbox: Pick<Sandbox, 'path'>;
}

/** The environment of a call. */
export function environment(verb: string, netns: string, options: CallOptions): Record<string, string> {
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    CNI_COMMAND: verb,
    CNI_CONTAINERID: options.containerID ?? CONTAINER,
    CNI_IFNAME: options.ifname ?? 'eth0',
    CNI_PATH: '/usr/lib/cni',
    ...(options.netns === null ? {} : { CNI_NETNS: options.netns ?? netns }),
    ...options.env,
  };
}

function invocation(verb: string, netns: string, options: CallOptions): Invocation {
  const { conf = CONF } = options;
  if (isDriver(conf)) {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...options.env };
    return driverInvocation(verb, { conf, netns, env }, { containerID: CONTAINER, ...options });
  }
  const input = options.input ?? JSON.stringify(conf);
  return { words: [], env: environment(verb, netns, options), input };
}

async function call(target: Target, verb: string, options: CallOptions = {}): Promise<Answer> {
  const { words, env, input } = invocation(verb, target.sandbox.path, options);
  const exec: ExecOptions = { input, env, timeoutMs: options.timeoutMs ?? 40_000 };
  const ended = await target.host.exec([...(options.under ?? []), EXECUTABLE, ...words], exec);
  return { ...ended, document: parseDocument(ended.stdout), isOfDriver: isDriver(options.conf) };
}

function parseDocument(text: string): Answer['document'] {
  try {
    return JSON.parse(text) as Answer['document'];
  } catch {
    return undefined;
  }
}

/** Fails unless the call ended as its protocol wants an error to end; netavark's errors have no code. */
export function expectError(answer: Answer, code?: number, what = ''): void {
  const told = `${what} ${answer.signal ?? ''} ${answer.stdout}\n${answer.stderr}`;
  expect(answer.timedOut, told).toBe(false);
  expect(answer.exitCode, told).toBe(1);
  if (answer.isOfDriver) expectDriverError(answer, told);
  else {
    expect(answer.document, told).toMatchObject({
      cniVersion: expect.any(String),
      code: code ?? expect.any(Number),
      msg: expect.any(String),
    });
  }
  expect(told).not.toMatch(/\n\s+at .+[:(]\d+/);
}

/** Fails unless the call succeeded. */
export function expectSuccess(answer: Answer): void {
  expect(
    { exitCode: answer.exitCode, timedOut: answer.timedOut },
    `${answer.stdout}\n${answer.stderr}`,
  ).toEqual({ exitCode: 0, timedOut: false });
}
