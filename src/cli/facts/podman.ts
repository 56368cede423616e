import { type Fields, isFields } from '../../input/parse.ts';
import { UNBOUNDED } from '../../sys/context.ts';
import type { PortMapping } from '../../firewall/ports.ts';
import { toPortMapping } from '../../attachment/schema.ts';
import { run, runToEnd } from '../../sys/process/run.ts';
import { findTool } from '../../sys/process/tool.ts';

/** A container as `podman ps` knows it; only what flatnet shows. */
export interface PodmanContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** `running`, `exited`, `created`, … */
  readonly state: string;
  /** Seconds since the epoch; 0 when it never ran. */
  readonly startedAt: number;
  readonly networks: readonly string[];
  /** `0.0.0.0:8080->80/tcp`, one each. */
  readonly ports: readonly string[];
  /** The same as they were handed to the plugin: ranges port by port. */
  readonly portMappings: readonly PortMapping[];
}

/** Podman on this host, as it describes itself. */
export interface Podman {
  readonly version: string;
  /** `cni` or `netavark`. */
  readonly networkBackend: string;
  readonly isRootless: boolean;
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? value.toString() : '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function rangeText(first: string, range: unknown): string {
  const count = Number(textOf(range));
  return count > 1 ? `${first}-${Number(first) + count - 1}` : first;
}

function describePort(value: unknown): string {
  const port = fieldsOf(value);
  const hostIP = textOf(port['host_ip']);
  const address = hostIP === '' ? '0.0.0.0' : hostIP.includes(':') ? `[${hostIP}]` : hostIP;
  const host = rangeText(textOf(port['host_port']), port['range']);
  const inside = rangeText(textOf(port['container_port']), port['range']);
  return `${address}:${host}->${inside}/${textOf(port['protocol'])}`;
}

function mappingsOf(value: unknown): readonly PortMapping[] {
  const port = fieldsOf(value);
  const [first, inside] = [Number(textOf(port['host_port'])), Number(textOf(port['container_port']))];
  const entry = { protocol: textOf(port['protocol']), hostIP: textOf(port['host_ip']) };
  return Array.from({ length: Number(textOf(port['range'])) || 1 }, (_, index) =>
    toPortMapping({ ...entry, hostPort: first + index, containerPort: inside + index }),
  );
}

function toContainer(value: unknown): PodmanContainer {
  const fields = fieldsOf(value);
  const startedAt = Number(textOf(fields['StartedAt']));
  return {
    id: textOf(fields['Id']),
    name: textOf(listOf(fields['Names'])[0]),
    image: textOf(fields['Image']),
    state: textOf(fields['State']),
    // A container that never ran has the year 1.
    startedAt: startedAt > 0 ? startedAt : 0,
    networks: listOf(fields['Networks']).map(textOf),
    ports: listOf(fields['Ports']).map(describePort),
    portMappings: listOf(fields['Ports']).flatMap(mappingsOf),
  };
}

/** Reads `podman ps -a --format json`. */
export function parseContainers(json: string): readonly PodmanContainer[] {
  const value: unknown = JSON.parse(json.trim() === '' ? '[]' : json);
  return listOf(value).map(toContainer);
}

/** Reads `podman info --format json`. */
export function parseInfo(json: string): Podman {
  const info = fieldsOf(JSON.parse(json));
  const host = fieldsOf(info['host']);
  return {
    version: textOf(fieldsOf(info['version'])['Version']),
    networkBackend: textOf(host['networkBackend']),
    isRootless: fieldsOf(host['security'])['rootless'] === true,
  };
}

/** Podman obeys its caller's environment (CONTAINERS_CONF, storage), so it gets all of it. */
async function podman(args: readonly string[]): Promise<string> {
  const { stdout } = await run({ tool: 'podman', args, env: process.env, timeoutMs: 20_000 }, UNBOUNDED);
  return stdout;
}

/** Whether Podman is installed. */
export function hasPodman(): boolean {
  return findTool('podman') !== undefined;
}

/** All containers, stopped ones too; none where Podman is not installed. */
export async function listContainers(): Promise<readonly PodmanContainer[]> {
  if (!hasPodman()) return [];
  return parseContainers(await podman(['ps', '--all', '--format', 'json']));
}

/** Podman's `info`; `undefined` where it is not installed. */
export async function inspectPodman(): Promise<Podman | undefined> {
  return hasPodman() ? parseInfo(await podman(['info', '--format', 'json'])) : undefined;
}

/** Whether Podman knows the network; `said` is its stderr. */
export async function knowsNetwork(
  name: string,
): Promise<{ readonly knows: boolean; readonly said: string }> {
  const { exitCode, stderr } = await runToEnd(
    {
      tool: 'podman',
      args: ['network', 'exists', name],
      env: process.env,
      timeoutMs: 20_000,
    },
    UNBOUNDED,
  );
  return { knows: exitCode === 0, said: stderr.trim() };
}
