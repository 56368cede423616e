import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import type { Variation } from './request.ts';
import { delegationVersion } from './subject.ts';
import { isAtLeast } from './versions.ts';

/** The plugin type of the recording IPAM plugin; no other plugin has this name. */
export const RECORDER = 'conformance-ipam';

const HOME = '/run/conformance';

/** Records its input and prints a prepared answer; a shell script, since a host has no compiler. */
const SCRIPT = `#!/bin/sh
calls=${HOME}/calls
n=1
while ! mkdir "$calls/$n" 2>/dev/null; do n=$((n + 1)); done
env > "$calls/$n/env"
cat > "$calls/$n/stdin"
echo "${RECORDER} says hello" >&2
[ ! -e "${HOME}/$CNI_COMMAND.stdout" ] || cat "${HOME}/$CNI_COMMAND.stdout"
[ ! -e "${HOME}/$CNI_COMMAND.fails" ] || exit 1
`;

export interface RecordedCall {
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: unknown;
}

/** An IPAM plugin that the suite puts beside the plugin under test. */
export interface Recorder {
  /** Makes the plugin under test delegate to the recorder; pass it with every call. */
  readonly variation: Variation;
  /** Calls of a verb so far, oldest first. */
  calls(verb: string): Promise<RecordedCall[]>;
  /** Makes every later call of a verb fail with this error object. */
  fail(verb: string, error: object): Promise<void>;
  /** Makes every later call of a verb print this text and succeed. */
  answer(verb: string, text: string): Promise<void>;
}

/** The addresses, route and name server that the recorder gives on ADD. */
export const GIVEN = {
  address: '10.123.0.5/24',
  gateway: '10.123.0.1',
  second: 'fd00:123::5/64',
  secondGateway: 'fd00:123::1',
  route: '198.51.100.0/24',
  nameserver: '10.123.0.53',
} as const;

/** Installs the recorder on the host, ready to answer ADD with {@link GIVEN}. */
export async function installRecorder(bench: Bench): Promise<Recorder> {
  const { host, subject } = bench;
  const at = (...parts: string[]): string => host.file(join(HOME, ...parts));
  for (const directory of ['bin', 'elsewhere', 'calls']) await mkdir(at(directory), { recursive: true });
  await writeFile(at('bin', RECORDER), SCRIPT);
  await chmod(at('bin', RECORDER), 0o755);
  const version = delegationVersion(subject);
  await writeFile(at('ADD.stdout'), JSON.stringify(given(version)));
  // The right one is found second: the search has to continue, and to stop there.
  const path = [`${HOME}/elsewhere`, `${HOME}/bin`, ...subject.path].join(':');
  return {
    variation: {
      version,
      env: { CNI_PATH: path, CONFORMANCE_MARK: 'handed-on' },
      config: (plugin) => ({ ...plugin, ipam: { type: RECORDER, mark: 'own-key' } }),
    },
    calls: (verb) => readCalls(at('calls'), verb),
    async fail(verb, error) {
      await writeFile(at(`${verb}.stdout`), JSON.stringify({ cniVersion: version, ...error }));
      await writeFile(at(`${verb}.fails`), '');
    },
    answer: (verb, text) => writeFile(at(`${verb}.stdout`), text),
  };
}

function given(version: string): object {
  const { address, gateway, second, secondGateway, route, nameserver } = GIVEN;
  const routes = [{ dst: route, gw: gateway }];
  const dns = { nameservers: [nameserver] };
  if (!isAtLeast(version, '0.3.0')) {
    return {
      cniVersion: version,
      ip4: { ip: address, gateway, routes },
      ip6: { ip: second, gateway: secondGateway },
      dns,
    };
  }
  const ips = [
    { address, gateway, version: '4' },
    { address: second, gateway: secondGateway, version: '6' },
  ];
  const kept = isAtLeast(version, '1.0.0')
    ? ips.map((ip) => ({ address: ip.address, gateway: ip.gateway }))
    : ips;
  return { cniVersion: version, ips: kept, routes, dns };
}

async function readCalls(directory: string, verb: string): Promise<RecordedCall[]> {
  const names = (await readdir(directory)).sort((a, b) => Number(a) - Number(b));
  const calls = await Promise.all(names.map((name) => readCall(join(directory, name))));
  return calls.filter(({ env }) => env['CNI_COMMAND'] === verb);
}

async function readCall(directory: string): Promise<RecordedCall> {
  const [env, stdin] = await Promise.all(
    ['env', 'stdin'].map((name) => readFile(join(directory, name), 'utf8')),
  );
  const entries = (env ?? '')
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return { env: Object.fromEntries(entries) as Record<string, string>, stdin: parse(stdin ?? '') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
