import { UNBOUNDED } from '../../sys/context.ts';
import { runToEnd } from '../../sys/process/run.ts';
import { findTool } from '../../sys/process/tool.ts';
import {
  makePrivateDirectory,
  pathInfo,
  readText,
  removeTree,
  replaceCopy,
  replaceText,
} from '../../sys/files/text-file.ts';
import { dirname, resolve } from 'node:path';
import { CliError } from '../failure.ts';
import type { Facts } from '../facts/facts.ts';
import type { Io } from '../io.ts';
import { VERSION } from '../version.ts';
import { summarize } from './diagnose.ts';
import type { Finding } from './finding.ts';
import { renderFindings } from './render.ts';

interface Part {
  readonly name: string;
  readonly text: string;
}

/** File name and command of each collected output; the commands are those of the troubleshooting guide. */
const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ['ip-address.txt', ['ip', '-d', 'address', 'show']],
  ['ip-route.txt', ['ip', 'route', 'show', 'table', 'all']],
  ['ip-rule.txt', ['ip', 'rule', 'show']],
  ['bridge-link.txt', ['bridge', '-d', 'link', 'show']],
  ['nft-ruleset.txt', ['nft', 'list', 'ruleset']],
  ['iptables.txt', ['iptables-save', '-c']],
  [
    'sysctl.txt',
    [
      'sysctl',
      '--ignore',
      'net.ipv4.ip_forward',
      'net.ipv6.conf.all.forwarding',
      'net.bridge.bridge-nf-call-iptables',
      'kernel.osrelease',
    ],
  ],
  ['disk.txt', ['df', '-h']],
  ['podman-version.txt', ['podman', 'version']],
  ['podman-networks.txt', ['podman', 'network', 'ls']],
  [
    'podman-containers.txt',
    ['podman', 'ps', '-a', '--format', '{{.ID}} {{.Names}} {{.Status}} {{.Networks}} {{.Ports}}'],
  ],
];

/** Copied verbatim. None holds a container's environment, labels or command line. */
const FILES = [
  '/etc/os-release',
  '/proc/version',
  '/etc/resolv.conf',
  '/etc/wsl.conf',
  '/etc/sysctl.d/99-flatnet.conf',
];
const LOG_TAIL_LINES = 2_000;

async function outputOf([name, [tool = '', ...args]]: (typeof COMMANDS)[number]): Promise<Part> {
  const line = [tool, ...args].join(' ');
  if (findTool(tool) === undefined) return { name, text: `$ ${line}\n(not installed)\n` };
  const { stdout, stderr } = await runToEnd({ tool, args, env: process.env, timeoutMs: 20_000 }, UNBOUNDED);
  return { name, text: `$ ${line}\n${stdout}${stderr}` };
}

function fileParts(facts: Facts): readonly Part[] {
  const paths = [
    ...FILES,
    ...facts.files.map(({ path }) => path),
    ...new Set(facts.networks.map(({ state }) => state.path)),
  ];
  return paths.flatMap((path) => {
    const text = readText(path);
    return text === undefined ? [] : [{ name: `files${path}`, text }];
  });
}

/** Writes a support bundle (.tar.gz, mode 0600) and returns the names of the files in it. */
export async function writeBundle(
  file: string,
  facts: Facts,
  found: { readonly findings: readonly Finding[]; readonly io: Io },
): Promise<readonly string[]> {
  if (findTool('tar') === undefined)
    throw new CliError('Cannot write a support bundle: "tar" is not installed');
  const target = bundleTarget(file);
  const { findings, io } = found;
  const summary = summarize(findings);
  const parts: readonly Part[] = [
    { name: 'version.txt', text: `flatnet ${VERSION}\n${facts.now.toISOString()}\n` },
    { name: 'doctor.txt', text: renderFindings(findings, summary, { ...io, color: false, columns: 110 }) },
    { name: 'doctor.json', text: `${JSON.stringify({ checks: findings, summary }, null, 2)}\n` },
    {
      name: 'cni.log',
      text: facts.log
        .slice(-LOG_TAIL_LINES)
        .map(({ raw }) => `${raw}\n`)
        .join(''),
    },
    // The parsed settings, not the files, which may set the environment of containers.
    { name: 'containers-conf.json', text: `${JSON.stringify(facts.containersConf, null, 2)}\n` },
    ...fileParts(facts),
    ...(await Promise.all(COMMANDS.map(outputOf))),
  ];
  const directory = makePrivateDirectory('flatnet-support-');
  try {
    for (const { name, text } of parts) replaceText(`${directory}/flatnet-support/${name}`, text, 0o600);
    await pack(directory, target);
  } finally {
    removeTree(directory);
  }
  return parts.map(({ name }) => name);
}

/** @throws CliError if the target cannot be written; a mistyped directory is not created. */
function bundleTarget(file: string): string {
  const target = resolve(file);
  if (pathInfo(target)?.kind === 'directory') {
    throw new CliError(`Cannot write a support bundle to "${file}": it is a directory`);
  }
  const directory = dirname(target);
  if (pathInfo(directory)?.kind !== 'directory') {
    throw new CliError(`Cannot write a support bundle to "${file}": there is no directory "${directory}"`);
  }
  return target;
}

async function pack(directory: string, target: string): Promise<void> {
  // Packed inside the private directory, then put in place as a whole.
  const archive = `${directory}/bundle.tar.gz`;
  const { exitCode, stderr } = await runToEnd(
    {
      tool: 'tar',
      args: ['-czf', archive, '-C', directory, 'flatnet-support'],
      timeoutMs: 60_000,
    },
    UNBOUNDED,
  );
  if (exitCode !== 0) throw new CliError(`Cannot write a support bundle: tar says ${stderr.trim()}`);
  replaceCopy(archive, target, 0o600);
}
