import type { PluginConfiguration } from './configuration.ts';
import type { Subject } from './subject.ts';

/** The parameters that a runtime keeps for each attachment. */
export interface AttachmentParameters {
  readonly containerID: string;
  readonly ifname: string;
  /** CNI_NETNS. */
  readonly netns: string;
  /** CNI_ARGS. */
  readonly args?: string;
  /** Capability arguments, by capability. */
  readonly capabilityArguments?: Readonly<Record<string, unknown>>;
}

/** A change to a request; the value `undefined` removes a variable or key. */
export interface Variation {
  readonly version?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Changes the configuration of the plugin under test, before the runtime's keys are added. */
  readonly config?: (plugin: PluginConfiguration) => PluginConfiguration;
  /** Keys set last, over those of the runtime. */
  readonly keys?: Readonly<Record<string, unknown>>;
  /** Replaces the text on stdin, or makes it from the request that would be sent. */
  readonly stdin?: string | ((request: Readonly<Record<string, unknown>>) => string);
  /** Replaces the prevResult kept from ADD; `null` for none. */
  readonly prevResult?: unknown;
}

export interface RequestParts {
  readonly plugin: PluginConfiguration;
  readonly version: string;
  readonly prevResult?: unknown;
  readonly capabilityArguments?: Readonly<Record<string, unknown>> | undefined;
}

/** Derives a request configuration from a plugin configuration object (SPEC 1.1.0 §3). */
export function deriveRequest(subject: Subject, parts: RequestParts): Record<string, unknown> {
  const { plugin, version, prevResult, capabilityArguments = {} } = parts;
  const { capabilities = {}, ...rest } = plugin;
  const granted = Object.entries(capabilityArguments).filter(([name]) => capabilities[name] === true);
  return {
    ...rest,
    cniVersion: version,
    name: subject.name,
    ...(granted.length > 0 ? { runtimeConfig: Object.fromEntries(granted) } : {}),
    ...(prevResult === undefined || prevResult === null ? {} : { prevResult }),
  };
}

/** The CNI_* variables of a request; GC, STATUS and VERSION have no attachment. */
export function deriveEnvironment(
  verb: string,
  subject: Subject,
  attachment?: AttachmentParameters,
): Record<string, string | undefined> {
  const always = { CNI_COMMAND: verb, CNI_PATH: subject.path.join(':') };
  if (attachment === undefined) return always;
  const { containerID, ifname, netns, args } = attachment;
  return { ...always, CNI_CONTAINERID: containerID, CNI_IFNAME: ifname, CNI_NETNS: netns, CNI_ARGS: args };
}
