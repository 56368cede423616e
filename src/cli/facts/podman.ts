import { bracketed } from '../../input/host-port.ts';
import { type Fields, isFields } from '../../input/parse.ts';
import { UNBOUNDED } from '../../sys/context.ts';
import type { PortMapping } from '../../firewall/ports.ts';
import { toPortMapping } from '../../attachment/schema.ts';
import { run, runToEnd } from '../../sys/process/run.ts';
import { findTool } from '../../sys/process/tool.ts';

export interface PodmanContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** `running`, `exited`, `created`, … */
  readonly state: string;
  /** Seconds since the epoch; 0 if it never ran. */
  readonly startedAt: number;
  readonly networks: readonly string[];
  /** One string per port, as `0.0.0.0:8080->80/tcp`. */
  readonly ports: readonly string[];
  /** The same ports as the plugin got them: ranges split into single ports. */
  readonly portMappings: readonly PortMapping[];
}

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
  const address = hostIP === '' ? '0.0.0.0' : bracketed(hostIP);
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
    // Podman reports the year 1 for a container that never ran.
    startedAt: startedAt > 0 ? startedAt : 0,
    networks: listOf(fields['Networks']).map(textOf),
    ports: listOf(fields['Ports']).map(describePort),
    portMappings: listOf(fields['Ports']).flatMap(mappingsOf),
  };
}

/** The output of `podman ps -a --format json`. */
export function parseContainers(json: string): readonly PodmanContainer[] {
  const value: unknown = JSON.parse(json.trim() === '' ? '[]' : json);
  return listOf(value).map(toContainer);
}

/** The output of `podman info --format json`. */
export function parseInfo(json: string): Podman {
  const info = fieldsOf(JSON.parse(json));
  const host = fieldsOf(info['host']);
  return {
    version: textOf(fieldsOf(info['version'])['Version']),
    networkBackend: textOf(host['networkBackend']),
    isRootless: fieldsOf(host['security'])['rootless'] === true,
  };
}

/** Passes the whole environment: CONTAINERS_CONF and the storage settings change what Podman sees. */
async function podman(args: readonly string[]): Promise<string> {
  const { stdout } = await run({ tool: 'podman', args, env: process.env, timeoutMs: 20_000 }, UNBOUNDED);
  return stdout;
}

export function hasPodman(): boolean {
  return findTool('podman') !== undefined;
}

/** Includes stopped containers; empty if Podman is not installed. */
export async function listContainers(): Promise<readonly PodmanContainer[]> {
  if (!hasPodman()) return [];
  return parseContainers(await podman(['ps', '--all', '--format', 'json']));
}

/** `undefined` if Podman is not installed. */
export async function inspectPodman(): Promise<Podman | undefined> {
  return hasPodman() ? parseInfo(await podman(['info', '--format', 'json'])) : undefined;
}

/** Asks Podman whether the network exists; `said` is its stderr. */
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
