import { startCall, type Reply, type RunningCall } from './call.ts';
import { describeReply } from './expect.ts';
import { deriveEnvironment, deriveRequest, type AttachmentParameters, type Variation } from './request.ts';
import type { AddResult } from './result.ts';
import type { PluginConfiguration } from './configuration.ts';
import { find, pluginUnderTest, type Subject } from './subject.ts';
import type { World } from './world.ts';

/** The part of a container runtime that concerns plugins: the order of a chain, and results kept between calls. */
export interface Runtime {
  readonly subject: Subject;
  readonly host: World;
  /** The version of requests. */
  readonly version: string;
  /** Every finished call, oldest first. */
  readonly calls: Reply[];
  /** The final result of each attachment, by {@link keyOf}. */
  readonly kept: Map<string, AddResult>;
}

export interface PluginRequest {
  readonly attachment?: AttachmentParameters | undefined;
  readonly variation?: Variation | undefined;
  readonly prevResult?: unknown;
}

const keyOf = ({ containerID, ifname }: AttachmentParameters): string => `${containerID} ${ifname}`;

/** The prevResult of later calls: the variation's, else what ADD returned. */
export function prevResultFor(
  { kept }: Runtime,
  attachment: AttachmentParameters,
  { prevResult }: Variation = {},
): unknown {
  return prevResult === undefined ? kept.get(keyOf(attachment)) : prevResult;
}

/** Starts the plugin under test; variations of configuration and input apply to it alone. */
export function startSubject(runtime: Runtime, verb: string, request: PluginRequest): RunningCall {
  const { variation = {} } = request;
  const entry = pluginUnderTest(runtime.subject);
  const plugin = variation.config?.(entry) ?? entry;
  return startPlugin(runtime, {
    verb,
    plugin,
    binary: runtime.subject.binary,
    stdin: variation.stdin,
    request,
  });
}

export function callSubject(runtime: Runtime, verb: string, request: PluginRequest): Promise<Reply> {
  return startSubject(runtime, verb, request).reply;
}

/**
 * Runs ADD along the chain and keeps the final result.
 * @returns the reply of the plugin under test; the chain stops there if it failed.
 */
export async function addAlongChain(
  runtime: Runtime,
  attachment: AttachmentParameters,
  variation: Variation = {},
): Promise<{ reply: Reply; final: AddResult }> {
  const { before, after } = neighbours(runtime.subject);
  let prevResult = variation.prevResult;
  for (const plugin of before) {
    prevResult = (await callNeighbour(runtime, plugin, 'ADD', { attachment, variation, prevResult }))
      .document;
  }
  const reply = await callSubject(runtime, 'ADD', { attachment, variation, prevResult });
  if (reply.exitCode !== 0) return { reply, final: {} };
  let final = reply.document;
  for (const plugin of after) {
    final = (await callNeighbour(runtime, plugin, 'ADD', { attachment, variation, prevResult: final }))
      .document;
  }
  runtime.kept.set(keyOf(attachment), final as AddResult);
  return { reply, final: final as AddResult };
}

/** Runs DEL along the chain, last plugin first, and returns the reply of the plugin under test. */
export async function deleteAlongChain(
  runtime: Runtime,
  attachment: AttachmentParameters,
  variation: Variation = {},
): Promise<Reply> {
  const { before, after } = neighbours(runtime.subject);
  const request = { attachment, variation, prevResult: prevResultFor(runtime, attachment, variation) };
  for (const plugin of after.toReversed()) await callNeighbour(runtime, plugin, 'DEL', request);
  const reply = await callSubject(runtime, 'DEL', request);
  for (const plugin of before.toReversed()) await callNeighbour(runtime, plugin, 'DEL', request);
  return reply;
}

function neighbours({ plugins, index }: Subject): Record<'before' | 'after', readonly PluginConfiguration[]> {
  return { before: plugins.slice(0, index), after: plugins.slice(index + 1) };
}

async function callNeighbour(
  runtime: Runtime,
  plugin: PluginConfiguration,
  verb: string,
  request: PluginRequest,
): Promise<Reply> {
  const binary = await find(runtime.subject.path, plugin.type);
  if (binary === undefined)
    throw new Error(`Cannot go on: the plugin "${plugin.type}" of the chain has gone`);
  const reply = await startPlugin(runtime, { verb, plugin, binary, stdin: undefined, request }).reply;
  if (reply.exitCode === 0) return reply;
  throw new Error(
    `Cannot go on: ${verb} of "${plugin.type}", another plugin of the chain: ${describeReply(reply)}`,
  );
}

interface Start {
  readonly verb: string;
  readonly plugin: PluginConfiguration;
  readonly binary: string;
  readonly stdin: Variation['stdin'];
  readonly request: PluginRequest;
}

function startPlugin(runtime: Runtime, { verb, plugin, binary, stdin, request }: Start): RunningCall {
  const { attachment, variation = {}, prevResult } = request;
  const config = deriveRequest(runtime.subject, {
    plugin,
    prevResult,
    version: variation.version ?? runtime.version,
    capabilityArguments: attachment?.capabilityArguments,
  });
  const full = { ...config, ...variation.keys };
  const running = startCall(runtime.host, {
    binary,
    env: { ...deriveEnvironment(verb, runtime.subject, attachment), ...variation.env },
    stdin: typeof stdin === 'function' ? stdin(full) : (stdin ?? JSON.stringify(full)),
  });
  const reply = running.reply.then((finished) => {
    runtime.calls.push(finished);
    return finished;
  });
  return { ...running, reply };
}
