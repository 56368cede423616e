import { UNBOUNDED } from '../../sys/context.ts';
import { readTextFile } from '../../sys/files/files.ts';
import { listNames, removeTree, replaceText } from '../../sys/files/text-file.ts';
import { ensureDirectory } from '../../sys/files/tree.ts';
import { type Completed, runToEnd } from '../../sys/process/run.ts';
import { findTool } from '../../sys/process/tool.ts';
import type { Settings } from '../settings.ts';
import type { Features } from './features.ts';
import { pathArgument } from './render/grammar.ts';
import { bodyPaths } from './render/main.ts';
import { block, fileOf } from './render/text.ts';

/** Where Debian and Ubuntu have a file with a `load_module` line for each module that is installed. */
const MODULES = '/etc/nginx/modules-enabled';
/** Only these are loaded: another one that is broken must not stop the gateway. */
const WANTED = ['ndk_http_module.so', 'ngx_http_lua_module.so'];
const RUN_MS = 10_000;

/** A program that is not there, or is no nginx. */
export class NginxMissing extends Error {
  constructor(why: string) {
    super(`Cannot find nginx: ${why}`);
    this.name = 'NginxMissing';
  }
}

function programOf({ nginx }: Settings): string {
  const names = nginx.program === 'auto' ? ['nginx', 'openresty'] : [nginx.program];
  for (const name of names) {
    const path = name.startsWith('/') ? name : findTool(name);
    if (path !== undefined) return path;
  }
  throw new NginxMissing(`there is no "${names.join('" and no "')}" in PATH`);
}

/** From `nginx version: nginx/1.22.1`, and `openresty/1.27.1.2`, whose first three numbers are nginx's. */
export function parseVersion(text: string): string | undefined {
  return /version: [a-z]+\/(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/** Arguments of the `load_module` lines that are wanted, the first one first. */
export function parseModules(texts: readonly string[]): readonly string[] {
  const modules = texts.flatMap((text) =>
    [...text.matchAll(/^\s*load_module\s+"?([A-Za-z0-9_./-]+)"?\s*;/gm)].map(([, module = '']) => module),
  );
  return WANTED.flatMap((name) => modules.find((module) => module.split('/').at(-1) === name) ?? []);
}

function installedModules(): readonly string[] {
  const files = listNames(MODULES).filter((name) => name.endsWith('.conf'));
  return parseModules(files.map((name) => readTextFile(`${MODULES}/${name}`) ?? ''));
}

/** The account that distributions make for web servers; nginx's own choice is `nobody`, who may be others, too. */
export function webUser(passwd: string): string | undefined {
  const users = passwd.split('\n').map((line) => line.split(':')[0]);
  return ['www-data', 'nginx', 'nobody'].find((name) => users.includes(name));
}

/** The group of an account, from passwd(5); `undefined` if there is no such account. */
export function groupOf(passwd: string, user: string | undefined): number | undefined {
  const fields = passwd.split('\n').map((line) => line.split(':'));
  const gid = fields.find(([name]) => name === user)?.[3];
  return gid === undefined || gid === '' ? undefined : Number(gid);
}

/** Asks nginx to load what addresses are followed with: a module may be there and not fit the version. */
function probe(modules: readonly string[], directory: string): string {
  const path = (name: string): string => pathArgument(`${directory}/${name}`);
  return fileOf([
    ...modules.map((module) => `load_module ${module};`),
    `pid ${path('pid')};`,
    'error_log stderr;',
    'events {}',
    ...block('http', [
      'access_log off;',
      ...bodyPaths(directory),
      'init_by_lua_block { require "ngx.balancer" }',
      'upstream probe { server 0.0.0.0:1; balancer_by_lua_block { require "ngx.balancer" } }',
      `server { location / { proxy_pass http://probe; } listen unix:${path('socket')}; }`,
    ]),
  ]);
}

async function loadsLua(program: string, modules: readonly string[], directory: string): Promise<boolean> {
  const file = `${directory}/nginx.conf`;
  try {
    ensureDirectory(directory);
    replaceText(file, probe(modules, directory), 0o644);
    return (await askNginx(program, ['-t', '-q', '-c', file])).exitCode === 0;
  } finally {
    removeTree(directory);
  }
}

/** Runs nginx to its end; a refusal is an answer. */
export function askNginx(program: string, args: readonly string[]): Promise<Completed> {
  return runToEnd({ tool: program, args, timeoutMs: RUN_MS }, UNBOUNDED);
}

/**
 * Finds nginx and what it can do.
 * @param directory for a trial of its Lua; made, and removed again.
 * @throws NginxMissing
 */
export async function detectFeatures(settings: Settings, directory: string): Promise<Features> {
  const program = programOf(settings);
  const { stderr, cause } = await askNginx(program, ['-v']);
  const version = parseVersion(stderr);
  if (version === undefined) {
    const why = cause instanceof Error ? cause.message : 'it does not tell a version';
    throw new NginxMissing(`"${program}" is no nginx: ${why}`);
  }
  const modules = settings.nginx.lua === 'off' ? [] : installedModules();
  const hasLua = settings.nginx.lua !== 'off' && (await loadsLua(program, modules, directory));
  return {
    program,
    version,
    modules: hasLua ? modules : [],
    hasLua,
    hasIPv6: readTextFile('/proc/self/net/if_inet6') !== undefined,
    user: webUser(readTextFile('/etc/passwd') ?? ''),
  };
}
