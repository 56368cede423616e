import { isAtLeast } from '../input/version.ts';
import type { Context } from '../sys/context.ts';
import { findHelper } from '../sys/podman-programs.ts';
import { readMark, tryWriteMark } from '../sys/files/marks.ts';
import { pathInfo } from '../sys/files/text-file.ts';
import { runToEnd } from '../sys/process/run.ts';
import { findTool } from '../sys/process/tool.ts';
import type { NamesSpec, ServerProgram } from './zone.ts';

/*
 * Which server answers. aardvark-dns comes with Podman 5; before 1.13 its answers stay in caches for a day or a minute, and
 * names are lost while it reads its files. dnsmasq before 2.88 does not forget names.
 */

type Kind = ServerProgram['kind'];

/** The first release that can be used. */
const LEAST: Readonly<Record<Kind, readonly [number, number]>> = { aardvark: [1, 13], dnsmasq: [2, 88] };
/** Names of programs, and packages of Debian and Ubuntu. */
const PROGRAMS: Readonly<Record<Kind, string>> = { aardvark: 'aardvark-dns', dnsmasq: 'dnsmasq' };
const PACKAGES: Readonly<Record<Kind, string>> = { aardvark: 'aardvark-dns', dnsmasq: 'dnsmasq-base' };

/** There is no server that could be used. */
export class NoServerError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.name = 'NoServerError';
    this.remedy = remedy;
  }
}

function pathOf(kind: Kind): string | undefined {
  return kind === 'dnsmasq' ? findTool(PROGRAMS.dnsmasq) : findHelper(PROGRAMS.aardvark);
}

/** What a program says of its release, empty if nothing; asked once for each file and boot. */
export async function releaseOf({ kind, path }: ServerProgram, ctx: Context): Promise<string> {
  const info = pathInfo(path);
  const identity = `${path} ${info?.size ?? 0} ${info?.mtimeMs ?? 0} `;
  const known = readMark(`names-${kind}`);
  if (known?.startsWith(identity) === true) return known.slice(identity.length);
  const { stdout } = await runToEnd({ tool: path, args: ['--version'] }, ctx);
  const release = /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? '';
  if (release !== '') tryWriteMark(`names-${kind}`, identity + release);
  return release;
}

/** Why the program cannot be used, or the program. */
async function lookFor(kind: Kind, ctx: Context): Promise<ServerProgram | string> {
  const least = LEAST[kind];
  const wanted = `${PROGRAMS[kind]} ${least.join('.')} or newer (package ${PACKAGES[kind]})`;
  const path = pathOf(kind);
  if (path === undefined) return `${wanted} is not installed`;
  const release = await releaseOf({ kind, path }, ctx);
  return isAtLeast(release, least) === true
    ? { kind, path }
    : `${path} is of release ${release}, and ${wanted} is needed`;
}

/**
 * The server that a network's names are to be answered by.
 * @throws NoServerError if none can be used.
 */
export async function chooseServer(
  { server }: Pick<NamesSpec, 'server'>,
  ctx: Context,
): Promise<ServerProgram> {
  const kinds: readonly Kind[] = server === 'auto' ? ['aardvark', 'dnsmasq'] : [server];
  const reasons: string[] = [];
  for (const kind of kinds) {
    const found = await lookFor(kind, ctx);
    if (typeof found !== 'string') return found;
    reasons.push(found);
  }
  const remedy =
    'install it, or take the server that is there: "names": {}, with a driver of netavark -o names=auto';
  throw new NoServerError(reasons.join('; '), remedy);
}
